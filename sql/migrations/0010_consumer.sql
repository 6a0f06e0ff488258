-- Durable consumers of the published stream: how far each has acknowledged it. Not the register: what somebody has read changes
-- nothing of it.
CREATE TABLE capa.consumer (
  name        text PRIMARY KEY,
  principal   text NOT NULL,        -- whose it is: nobody else moves it
  epoch       int NOT NULL,         -- of the last attach or ack
  seq         bigint NOT NULL,      -- acknowledged up to here
  attached_at timestamptz NOT NULL,
  at          timestamptz NOT NULL, -- of the last attach or ack
  lag_told_at timestamptz           -- when its lag was reported; null once it has caught up
);
-- A consumer lags when it is this many journal rows behind, or when what it has not read is this old.
INSERT INTO capa.setting VALUES ('consumer.rows', '100000'), ('consumer.lag', '{"d": 7}');
