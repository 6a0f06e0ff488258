/* Members of the register's object are copied as they are; "ingest" gets the daemon's counters
 * beside the register's, "rules" what is loaded here. */
#include <inttypes.h>
#include <string.h>

#include "daemon/app/clock.h"
#include "daemon/app/status.h"
#include "proto/base/utf8.h"
#include "proto/json/tape.h"
#include "proto/wire/timestamp.h"

static void write_ingest(const struct manager *m, const struct json_tape *t, uint32_t register_part,
                         struct buffer *b)
{
        const struct batcher_counters *c = batcher_counters(m->batcher);
        uint64_t busy = c->busy + endpoint_counters(m->ingest)->busy;
        const char *text;
        size_t size;

        buffer_printf(b,
                      "\"ingest\":{\"received\":%" PRIu64 ",\"busy\":%" PRIu64
                      ",\"spooled\":%" PRIu64 ",\"requests\":%" PRIu64 ",\"batches\":%" PRIu64
                      ",\"noise\":%" PRIu64 ",\"retries\":%" PRIu64 ",\"careful\":%" PRIu64
                      ",\"unknown_comparisons\":%" PRIu64 ",\"odd_clock\":%" PRIu64,
                      c->events.received, busy, inflow_counters(m->inflow)->spooled, c->requests,
                      c->batches, c->events.noise, c->retries, c->careful, c->events.unknown,
                      c->events.odd_clock.n);
        if (t && t->nodes[register_part].kind == JSON_OBJECT && t->nodes[register_part].count > 0) {
                json_slice(t, register_part, &text, &size);
                buffer_add_char(b, ',');
                buffer_add(b, text + 1, size - 2);
        }
        buffer_add_char(b, '}');
}

static void write_peers(const struct manager *m, struct buffer *b)
{
        size_t n;
        const struct bus_peers *peers = bus_peers(m->bus, &n);

        buffer_add_str(b, ",\"peers\":{");
        for (size_t i = 0; i < n; i++) {
                if (i > 0)
                        buffer_add_char(b, ',');
                buffer_add_json_cstr(b, peers[i].name);
                buffer_printf(b,
                              ":{\"disconnected\":%" PRIu64 ",\"failed_handshakes\":%" PRIu64
                              ",\"failed_logins\":%" PRIu64 "}",
                              peers[i].disconnected, peers[i].failed_handshakes,
                              peers[i].failed_logins);
        }
        buffer_add_char(b, '}');
}

/* What only this daemon knows, beside its ingest counters. */
static void write_daemon(const struct manager *m, struct buffer *b)
{
        const struct endpoint_counters *in = endpoint_counters(m->ingest),
                                       *control = endpoint_counters(m->control);
        const struct inflow_counters *f = inflow_counters(m->inflow);

        buffer_add_str(b, "\"daemon\":{\"name\":");
        buffer_add_json_cstr(b, m->started->config->daemon_name);
        buffer_printf(
                b, ",\"published\":%" PRIu64 ",\"unanswered\":%" PRIu64 ",\"malformed\":%" PRIu64,
                publisher_sent(m->publisher), in->unanswered + control->unanswered,
                in->malformed + control->malformed);
        buffer_printf(b, ",\"refused_keys\":%u,\"ticks\":%" PRIu64, bus_refused_keys(m->bus),
                      m->ticker.ticks);
        buffer_printf(b,
                      ",\"inflow\":{\"received\":%" PRIu64 ",\"malformed\":%" PRIu64
                      ",\"forbidden\":%" PRIu64 ",\"queued\":%" PRIu64 ",\"drained\":%" PRIu64
                      ",\"lost\":%" PRIu64 ",\"gaps\":%" PRIu64 "}",
                      f->received, f->malformed, f->forbidden, f->queued, f->drained, f->lost,
                      f->gaps);
        write_peers(m, b);
        buffer_add_str(b, ",\"subscriptions\":");
        inflow_write_sources(m->inflow, b);
        buffer_add_char(b, '}');
}

/* A line of what is wrong, for people; its list is what `status --check` counts. */
static void write_degraded(const struct manager *m, struct buffer *b)
{
        cleanup_(buffer_done) struct buffer line = BUFFER_NULL;
        const char *text = m->unread.size > 0 ? m->unread.data : "";
        size_t size = strcspn(text, "\n");
        char at[TIMESTAMP_MAX];

        buffer_add_str(b, ",\"degraded\":[");
        if (size > 0) {
                timestamp_format(m->unread_us, at, sizeof(at));
                buffer_printf(&line, "the reload at %s was refused, what was in force stays: ", at);
                buffer_printf(&line, "%.*s%s", (int) utf8_cut(text, size, 400), text,
                              text[size] == '\n' && text[size + 1] ? " (and more: capad check)"
                                                                   : "");
                buffer_add_json_string(b, line.data, line.size);
        }
        buffer_add_char(b, ']');
}

/* Whose clock somebody should look at, for an hour after it was noticed. */
static void write_clock(const struct odd_clock *odd, struct buffer *b)
{
        static const uint64_t SHOWN_US = 3600 * UINT64_C(1000000);
        char told[TIMESTAMP_MAX];

        if (odd->n == 0 || clock_us() - odd->seen_us > SHOWN_US)
                return;
        timestamp_format(odd->told_us, told, sizeof(told));
        buffer_printf(b, ",\"odd_clock\":{\"events\":%" PRIu64 ",\"source\":", odd->n);
        buffer_add_json_cstr(b, odd->source);
        buffer_printf(b, ",\"told\":\"%s\"}", told);
}

void status_write(const struct manager *m, const char *json, size_t size, struct buffer *b)
{
        cleanup_(json_tape_done) struct json_tape t = JSON_TAPE_NULL;
        bool has_register = json && json_tape_parse(&t, json, size, NULL) == 0 &&
                            t.nodes[0].kind == JSON_OBJECT;
        uint32_t ingest = 0, key;
        const char *text;
        size_t n;

        buffer_add_str(b, "{\"version\":\"" CAPA_VERSION "\",\"database\":{\"ok\":");
        buffer_add_str(b, m->database_up ? "true}," : "false,\"reason\":");
        if (!m->database_up) {
                buffer_add_json_cstr(b, connection_reason(m->calls));
                buffer_add_str(b, "},");
        }
        write_daemon(m, b);
        write_degraded(m, b);
        write_clock(&batcher_counters(m->batcher)->events.odd_clock, b);
        buffer_add_char(b, ',');
        if (has_register && json_member(&t, 0, "ingest", &ingest) == 0)
                write_ingest(m, &t, ingest, b);
        else
                write_ingest(m, NULL, 0, b);
        if (has_register) {
                key = json_first(&t, 0);
                for (uint32_t i = 0; i < t.nodes[0].count; i++, key = t.nodes[key + 1].next) {
                        if (key + 1 == ingest)
                                continue;
                        buffer_add_str(b, ",\"");
                        buffer_add(b, t.text + t.nodes[key].offset, t.nodes[key].length);
                        buffer_add_str(b, "\":");
                        json_slice(&t, key + 1, &text, &n);
                        buffer_add(b, text, n);
                }
        }
        buffer_add_char(b, '}');
}

void status_write_past(const char *json, size_t size, struct buffer *b)
{
        buffer_add_str(b, "{\"version\":\"" CAPA_VERSION "\",");
        buffer_add(b, json + 1, size - 1);
}
