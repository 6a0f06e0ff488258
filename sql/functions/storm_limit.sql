-- From how many new NCs of a rule in which time on there is a storm: {"n","within"}, the rule's own or the setting's.
CREATE OR REPLACE FUNCTION capa.storm_limit(r capa.rule) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN coalesce(nullif(r.body -> 'storm', 'null'), (SELECT value FROM capa.setting WHERE name = 'storm'));
END $$;
