-- no parameters -> {"next_ms": milliseconds to the next thing to do, or null, "more": call again at once}
SELECT api.tick();
