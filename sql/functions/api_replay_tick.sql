-- Lets what is due by this moment (µs) happen in the session's replay. Returns {"expectations"?,"next"}: events of capad's own, to be played at the same
-- moment, with another tick behind them; and when a tick is due next (µs; the same moment where there is more to do).
CREATE OR REPLACE FUNCTION api.replay_tick(at_us bigint) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = capa, api, pg_temp SET timezone = 'UTC' SET enable_seqscan = off SET jit = off AS $$
DECLARE
  tick jsonb;
BEGIN
  PERFORM pg_temp.move(capa.at_us(at_us));
  tick := pg_temp.tick();
  RETURN (tick - 'more') || jsonb_build_object('next', CASE WHEN (tick ->> 'more')::boolean THEN at_us ELSE capa.us_of(pg_temp.next(false)) END);
END $$;
