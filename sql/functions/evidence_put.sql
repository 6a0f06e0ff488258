-- Keeps what a call brought as evidence (parameter evidence, files): attachments by their SHA-256, links, events.
-- about: an action (or null) and a record (or null). Returns the rows of capa.evidence as JSON, put already unless
-- `only_make` (raise_nc puts them itself).
CREATE OR REPLACE FUNCTION capa.evidence_put(n capa.nc, params jsonb, files bytea[], author_ text, action_ int DEFAULT NULL,
                                             record_ bigint DEFAULT NULL, only_make boolean DEFAULT false)
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  list jsonb := coalesce(nullif(params -> 'evidence', 'null'), '[]');
  item jsonb;
  e capa.evidence;
  file bytea;
  result jsonb := '[]';
BEGIN
  IF jsonb_typeof(list) <> 'array' OR jsonb_array_length(list) > 100 THEN
    PERFORM capa.fail('invalid', '"evidence" must be a list of at most 100 entries.', NULL,
      'Each is {"name","frame"} with an attachment, {"url"} or {"event"}.');
  END IF;
  FOR item IN SELECT jsonb_array_elements(list) LOOP
    e := NULL;
    e.id := nextval('capa.evidence_no');
    e.nc := n.id;
    e.cycle := n.cycle;
    e.action := action_;
    e.record := record_;
    e.author := author_;
    e.at := capa.now();
    IF item ? 'frame' THEN
      e.kind := 'file';
      e.name := coalesce(regexp_replace(capa.param_text(item, 'name', 1024), '^.*[/\\]', ''), 'attachment');
      file := files[capa.param_int(item, 'frame', 7) + 1];
      IF file IS NULL THEN
        PERFORM capa.fail('invalid', format('The evidence "%s" names attachment %s, which was not sent.', e.name, item ->> 'frame'));
      ELSIF length(file) = 0 THEN
        PERFORM capa.fail('invalid', format('The evidence "%s" is an empty file, which proves nothing.', e.name), NULL,
          'Look at what should have written it; what is only said is a note: capactl note REF TEXT.');
      END IF;
      e.sha256 := encode(sha256(file), 'hex');
      e.size := length(file);
      INSERT INTO capa.evidence_body VALUES (e.sha256, file) ON CONFLICT DO NOTHING;
    ELSIF item ? 'url' THEN
      e.kind := 'link';
      e.name := capa.param_text(item, 'url', 4096);
      IF e.name !~* '^[a-z][a-z0-9+.-]*:[^\s]+$' THEN
        PERFORM capa.fail('invalid', format('"%s" is no URL.', left(e.name, 80)));
      END IF;
    ELSIF item ? 'event' THEN
      e.kind := 'event';
      e.role := 'attached';
      e.eventno := capa.param_number(item, 'event');
      e := capa.evidence_event(e);
    ELSE
      PERFORM capa.fail('invalid', 'An entry of "evidence" has neither "frame", "url" nor "event".');
    END IF;
    IF NOT only_make THEN
      PERFORM capa.put('evidence', to_jsonb(e));
    END IF;
    result := result || to_jsonb(e);
  END LOOP;
  RETURN result;
END $$;
