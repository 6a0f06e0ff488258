-- What an adapter took out of an event before it was stored: the adapter's entries that found something, a JSON list of texts;
-- null where none did. Of a fan-out what was taken out of the whole message. Kept with the proof, too, which outlives the event.
ALTER TABLE capa.event       ADD redacted text;
ALTER TABLE capa.event_proof ADD redacted text;
ALTER TABLE capa.ignored     ADD redacted text;
ALTER TABLE capa.quarantine  ADD redacted text;
