-- What a past answer from events rests on, as a sentence: since when they are kept.
CREATE OR REPLACE FUNCTION capa.as_of_kept() RETURNS text LANGUAGE sql STABLE AS $$
  SELECT format('from what is still kept: events since %s, those that no rule matched since %s; what retention took before is not in it',
    coalesce(capa.rfc3339((SELECT e.received FROM capa.event e ORDER BY e.eventno LIMIT 1)), 'never'),
    coalesce(capa.rfc3339((SELECT min(i.received) FROM capa.ignored i)), 'never'))
$$;
