-- What capactl makes a dossier of: without `after` the records, files and proofs, and the journal's head; then, with `after` from 0
-- and `upto` that head, the journal in pages. It proves these NCs within the whole chain and shows nothing of another.
CREATE OR REPLACE FUNCTION api.dossier(principal jsonb, actor text, params jsonb, files bytea[]) RETURNS json
LANGUAGE plpgsql SECURITY DEFINER SET search_path = capa, api, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  ncs int[];
  ref_ text;
  id_ int;
BEGIN
  PERFORM capa.check_call('dossier', principal, params);
  FOREACH ref_ IN ARRAY capa.param_list(params, 'nc') LOOP
    id_ := (capa.reference(ref_)).nc;
    PERFORM capa.check_read(principal, actor, id_);
    IF NOT id_ = ANY (coalesce(ncs, '{}')) THEN
      ncs := ncs || id_;
    END IF;
  END LOOP;
  IF cardinality(ncs) > 100 THEN
    PERFORM capa.fail('too_big', 'A dossier holds 100 nonconformities at most.', NULL, 'Make several.');
  END IF;
  IF params -> 'after' IS NULL OR params -> 'after' = 'null' THEN
    RETURN capa.dossier_head(ncs, actor);
  END IF;
  RETURN capa.dossier_page(ncs, capa.param_number(params, 'after'),
                           coalesce(capa.param_number(params, 'upto'), (capa.journal_head() ->> 'seq')::bigint));
END $$;
