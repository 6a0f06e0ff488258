-- Retention (PRODUCT, "Retention"): drops partitions that are wholly past it, after copying what must outlive them, and prunes keys and outages.
-- What goes is a journal row. Takes the turn first, because dropping a partition waits for writers, who wait for the turn.
CREATE OR REPLACE FUNCTION capa.retain() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  before_ timestamptz := capa.now() - capa.setting_interval('retention.events');
  p record;
  gone record;
BEGIN
  LOCK TABLE capa.turn IN EXCLUSIVE MODE;
  FOR p IN SELECT * FROM capa.partition_list('event') LOOP
    CONTINUE WHEN p.upto > before_;
    EXECUTE format('SELECT min(eventno) AS first, max(eventno) AS last, count(*) AS n FROM capa.%I WHERE received < $1', p.name)
    INTO gone USING before_;
    IF gone.n > 0 THEN
      PERFORM capa.retain_copy(p.name, before_);
    END IF;
    IF p.upto IS NULL THEN
      EXECUTE format('DELETE FROM capa.%I WHERE received < $1', p.name) USING before_;
    ELSE
      EXECUTE format('DROP TABLE capa.%I', p.name);
    END IF;
    IF gone.n > 0 THEN
      DELETE FROM capa.event_nc WHERE eventno BETWEEN gone.first AND gone.last;
      PERFORM capa.tell('evidence.expired', 'retention', NULL, NULL,
        jsonb_build_object('from', gone.first, 'to', gone.last, 'n', gone.n, 'received_before', capa.rfc3339(before_)));
    END IF;
  END LOOP;
  DELETE FROM capa.muted WHERE received < before_;
  PERFORM capa.missed_prune(before_);
  DELETE FROM capa.event_key WHERE eventno <=
    (SELECT max(last) FROM capa.seal WHERE at < capa.now() - capa.setting_interval('retention.keys'));
END $$;
