-- The links' part of a tick: a subscription that no daemon's link has carried for a minute is told as sys.degraded, and so is the end of
-- that, once it stood for as long or is configured no more: one that comes and goes is told once.
CREATE OR REPLACE FUNCTION capa.tick_links() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  grace timestamptz := capa.now() - interval '1 minute';
  l record;
BEGIN
  FOR l IN SELECT n.name, n.since FROM capa.link_now n WHERE NOT n.up AND n.since <= grace
             AND NOT EXISTS (SELECT FROM capa.link_told t WHERE t.name = n.name) ORDER BY n.name LOOP
    INSERT INTO capa.link_told VALUES (l.name, capa.now()) ON CONFLICT DO NOTHING;
    CONTINUE WHEN NOT FOUND;
    PERFORM capa.tell('sys.degraded', 'tick', NULL, NULL, jsonb_build_object('reason', 'link_down', 'over', false, 'subscription', l.name,
      'since', capa.rfc3339(l.since), 'sentence', format('the link of subscription %s is down: what it carries is not heard, and its silence proves nothing', l.name)));
  END LOOP;
  FOR l IN DELETE FROM capa.link_told t WHERE NOT EXISTS (SELECT FROM capa.link_now n WHERE n.name = t.name AND NOT (n.up AND n.since <= grace))
             RETURNING t.name, (SELECT n.since FROM capa.link_now n WHERE n.name = t.name) AS since LOOP
    PERFORM capa.tell('sys.degraded', 'tick', NULL, NULL, jsonb_strip_nulls(jsonb_build_object('reason', 'link_down', 'over', true, 'subscription', l.name,
      'since', capa.rfc3339(l.since), 'sentence', format(CASE WHEN l.since IS NULL THEN 'no daemon has subscription %s any more' ELSE 'the link of subscription %s stands again' END, l.name))));
  END LOOP;
END $$;
