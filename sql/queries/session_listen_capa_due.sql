-- Wakes the timer: somebody else made an earlier step.
LISTEN capa_due;
