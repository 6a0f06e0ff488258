-- The first page of a dossier: the records as `show` gives them but without titles of other NCs, what files belong to it and which
-- journal row holds their SHA-256, and what proves its events. Each record is a JSON text within the JSON: its bytes count.
CREATE OR REPLACE FUNCTION capa.dossier_head(ncs int[], actor text) RETURNS json LANGUAGE sql STABLE AS $$
  SELECT json_build_object('head', capa.journal_head(), 'epoch', (SELECT max(no)::text FROM capa.epoch),
    'made_at', capa.rfc3339(capa.now()), 'made_by', actor,
    'ncs', (SELECT json_agg(json_build_object('ref', 'NC-' || x.id, 'expired', (SELECT count(*) FROM capa.event_gone g WHERE g.nc = x.id),
        'show', left((capa.show_object(x.id) || jsonb_build_object(
            'similar', coalesce(capa.record_of(x.id, n.cycle, 'similar') -> 'found', '[]')))::text, -1)
          || ', "evidence": ' || capa.evidence_json(x.id, NULL, true) || '}') ORDER BY x.no)
      FROM unnest(ncs) WITH ORDINALITY AS x(id, no) JOIN capa.nc n ON n.id = x.id),
    'files', (SELECT coalesce(json_agg(json_build_object('ref', 'EV-' || e.id, 'nc', 'NC-' || e.nc, 'id', e.id, 'kind', e.kind, 'name', e.name,
        'sha256', e.sha256, 'size', e.size, 'removed', e.removed_why, 'eventno', e.eventno,
        'row', (SELECT max(b.seq) FROM capa.journal_body b WHERE b.nc = e.nc AND strpos(b.body, format('"sha256": "%s"', e.sha256)) > 0
                  AND strpos(b.body, format('"id": %s,', e.id)) > 0 AND capa.dossier_row(b.body::jsonb, ncs)),
        'salt', encode(v.salt, 'hex'), 'digest', encode(v.digest, 'hex'), 'seal', v.seal, 'root', v.root, 'path', v.path) ORDER BY e.id), '[]')
      FROM capa.evidence e LEFT JOIN capa.dossier_events(ncs) v ON v.evidence = e.id
      WHERE e.nc = ANY (ncs) AND e.kind <> 'link'))
$$;
