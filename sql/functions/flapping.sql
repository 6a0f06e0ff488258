-- Whether an NC flaps: its newest events went from fail to pass or back as often as the setting says, within its time. Looks at as many
-- places as there are changes, not at all events.
CREATE OR REPLACE FUNCTION capa.flapping(nc_ int) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
DECLARE
  setting_ jsonb := (SELECT value FROM capa.setting WHERE name = 'flapping');
  since_ timestamptz := capa.now() - capa.span_interval(setting_ -> 'within');
  most int := (setting_ ->> 'changes')::int;
  changes int := 0;
  at_ bigint := 9223372036854775807;
  before_ bigint;
  effect_ "char";
BEGIN
  IF coalesce(most, 0) < 1 THEN
    RETURN false;
  END IF;
  effect_ := CASE WHEN coalesce(capa.newest_event(nc_, 'p', at_, since_), 0) > coalesce(capa.newest_event(nc_, 'f', at_, since_), 0) THEN 'p' ELSE 'f' END;
  at_ := capa.newest_event(nc_, effect_, at_, since_);
  WHILE at_ IS NOT NULL AND changes < most LOOP
    effect_ := CASE effect_ WHEN 'p' THEN 'f' ELSE 'p' END;
    before_ := capa.newest_event(nc_, effect_, at_, since_);
    EXIT WHEN before_ IS NULL;
    changes := changes + 1;
    at_ := before_;
  END LOOP;
  RETURN changes >= most;
END $$;
