-- Is a consumer that has acknowledged up to a sequence too far behind: in rows, or by the age of the first one it has not read?
CREATE OR REPLACE FUNCTION capa.consumer_lags(seq_ bigint) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN coalesce((SELECT max(seq) FROM capa.journal) - seq_ > (SELECT (value #>> '{}')::bigint FROM capa.setting WHERE name = 'consumer.rows'), false)
    OR coalesce((SELECT at FROM capa.journal WHERE seq > seq_ ORDER BY seq LIMIT 1) < capa.now() - capa.setting_interval('consumer.lag'), false);
END $$;
