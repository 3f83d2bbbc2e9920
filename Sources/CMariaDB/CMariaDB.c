#include "CMariaDB.h"

#include <dlfcn.h>
#include <errno.h>
#include <mariadb/mysql.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

// How long a statement may take to end after KILL QUERY, and that itself.
enum { PATIENCE_MILLISECONDS = 3000, KILL_SECONDS = 2 };

#define FUNCTIONS(F)                                                                                             \
    F(mysql_server_init) F(mysql_init) F(mysql_options) F(mysql_real_connect) F(mysql_real_connect_start)        \
    F(mysql_real_connect_cont) F(mysql_close) F(mysql_errno) F(mysql_error) F(mysql_get_socket)                  \
    F(mysql_get_timeout_value_ms) F(mysql_thread_id) F(mysql_get_server_version) F(mysql_get_server_info)        \
    F(mysql_real_query) F(mysql_real_query_start) F(mysql_real_query_cont) F(mysql_store_result_start)           \
    F(mysql_store_result_cont) F(mysql_free_result) F(mysql_stmt_init) F(mysql_stmt_prepare_start)               \
    F(mysql_stmt_prepare_cont) F(mysql_stmt_execute_start) F(mysql_stmt_execute_cont) F(mysql_stmt_fetch_start)  \
    F(mysql_stmt_fetch_cont) F(mysql_stmt_fetch_column) F(mysql_stmt_bind_param) F(mysql_stmt_bind_result)       \
    F(mysql_stmt_param_count) F(mysql_stmt_field_count) F(mysql_stmt_result_metadata) F(mysql_fetch_fields)      \
    F(mysql_stmt_errno) F(mysql_stmt_error) F(mysql_stmt_free_result_start) F(mysql_stmt_free_result_cont)       \
    F(mysql_stmt_close_start) F(mysql_stmt_close_cont)

#define POINTER(name) static __typeof__(&name) p_##name;
FUNCTIONS(POINTER)

static pthread_once_t once = PTHREAD_ONCE_INIT;
static const char *failure;

static void load(void) {
    void *library = dlopen("libmariadb.so.3", RTLD_NOW | RTLD_LOCAL);
    if (!library) {
        failure = "libmariadb is not installed (Debian: apt-get install libmariadb3)";
        return;
    }
#define FIND(name)                                        \
    *(void **)&p_##name = dlsym(library, #name);          \
    if (!p_##name) failure = "the installed libmariadb lacks a function that is needed";
    FUNCTIONS(FIND)
    if (!failure && p_mysql_server_init(0, NULL, NULL)) failure = "libmariadb could not be initialised";
}

const char *maria_load(void) {
    pthread_once(&once, load);
    return failure;
}

enum state { RUNNING, CANCELLED, ABANDONED };

struct maria_connection {
    MYSQL *handle;
    enum state state;
    int64_t deadline;
    bool is_dead;
    unsigned number;
    char words[512];
    // For a second connection that ends a statement of this one.
    char *host, *socket, *user, *password, *authority, *certificate, *key;
    unsigned port;
    bool is_encrypted, is_verified;
};

struct maria_statement {
    maria_connection *connection;
    MYSQL_STMT *handle;
    unsigned long parameter_count;
    MYSQL_BIND *parameters;
    unsigned columns;
    MYSQL_RES *metadata;
    MYSQL_FIELD *fields;
    MYSQL_BIND *results;
    union value { int64_t integer; double real; float single; } *values;
    unsigned long *lengths;
    my_bool *nulls;
    my_bool *errors;
    void *bytes;
    size_t room;
};

static int64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_BOOTTIME, &time);
    return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

static void begin(maria_connection *c, int64_t milliseconds) {
    c->state = RUNNING;
    c->deadline = now() + milliseconds;
}

static void set_options(MYSQL *handle, const maria_connection *c, unsigned seconds) {
    my_bool yes = 1, no = 0;
    unsigned off = 0;
    p_mysql_options(handle, MYSQL_OPT_CONNECT_TIMEOUT, &seconds);
    p_mysql_options(handle, MYSQL_SET_CHARSET_NAME, "utf8mb4");
    // A server must not be able to ask for files of this machine.
    p_mysql_options(handle, MYSQL_OPT_LOCAL_INFILE, &off);
    p_mysql_options(handle, MYSQL_REPORT_DATA_TRUNCATION, &yes);
    if (c->is_encrypted) {
        p_mysql_options(handle, MYSQL_OPT_SSL_ENFORCE, &yes);
        p_mysql_options(handle, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, c->is_verified ? &yes : &no);
        if (c->authority) p_mysql_options(handle, MYSQL_OPT_SSL_CA, c->authority);
        if (c->certificate) p_mysql_options(handle, MYSQL_OPT_SSL_CERT, c->certificate);
        if (c->key) p_mysql_options(handle, MYSQL_OPT_SSL_KEY, c->key);
    }
}

static void end_statement(maria_connection *c) {
    unsigned long thread = p_mysql_thread_id(c->handle);
    MYSQL *second = thread ? p_mysql_init(NULL) : NULL;
    if (!second) return;
    unsigned seconds = KILL_SECONDS;
    set_options(second, c, seconds);
    p_mysql_options(second, MYSQL_OPT_READ_TIMEOUT, &seconds);
    p_mysql_options(second, MYSQL_OPT_WRITE_TIMEOUT, &seconds);
    if (p_mysql_real_connect(second, c->host, c->user, c->password, NULL, c->port, c->socket, 0)) {
        char sql[64];
        int length = snprintf(sql, sizeof sql, "KILL QUERY %lu", thread);
        p_mysql_real_query(second, sql, (unsigned long)length);
    }
    p_mysql_close(second);
}

// Waits until libmariadb can go on; says with what, in its own flags.
static int wait_for(maria_connection *c, int wanted) {
    int64_t own = wanted & MYSQL_WAIT_TIMEOUT ? now() + p_mysql_get_timeout_value_ms(c->handle) : INT64_MAX;
    for (;;) {
        int64_t present = now();
        if (c->state != ABANDONED && present >= c->deadline) {
            if (c->state == RUNNING) {
                c->state = CANCELLED;
                end_statement(c);
                c->deadline = now() + PATIENCE_MILLISECONDS;
            } else {
                // What libmariadb is in the middle of ends with an error of the socket.
                c->state = ABANDONED;
                shutdown(p_mysql_get_socket(c->handle), SHUT_RDWR);
            }
            continue;
        }
        if (present >= own) return MYSQL_WAIT_TIMEOUT;
        int64_t end = c->state == ABANDONED ? present + 1000 : c->deadline < own ? c->deadline : own;
        struct pollfd descriptor = {.fd = p_mysql_get_socket(c->handle)};
        if (wanted & MYSQL_WAIT_READ) descriptor.events |= POLLIN;
        if (wanted & MYSQL_WAIT_WRITE) descriptor.events |= POLLOUT;
        if (wanted & MYSQL_WAIT_EXCEPT) descriptor.events |= POLLPRI;
        int64_t left = end - present;
        int ready = poll(&descriptor, 1, left > 60000 ? 60000 : (int)left);
        if (ready > 0 || (ready < 0 && errno != EINTR) || (ready == 0 && c->state == ABANDONED)) {
            int seen = 0;
            if (descriptor.revents & (POLLIN | POLLHUP | POLLERR)) seen |= MYSQL_WAIT_READ;
            if (descriptor.revents & (POLLOUT | POLLERR)) seen |= MYSQL_WAIT_WRITE;
            if (descriptor.revents & POLLPRI) seen |= MYSQL_WAIT_EXCEPT;
            return seen & wanted ? seen & wanted : wanted & (MYSQL_WAIT_READ | MYSQL_WAIT_WRITE);
        }
    }
}

#define DRIVE(c, started, continued)                \
    do {                                            \
        int status = (started);                     \
        while (status) {                            \
            status = wait_for((c), status);         \
            status = (continued);                   \
        }                                           \
    } while (0)

static int judge(maria_connection *c, bool failed, unsigned number, const char *words) {
    c->number = failed ? number : 0;
    snprintf(c->words, sizeof c->words, "%s", failed ? words : "");
    if (c->state == ABANDONED) {
        c->is_dead = true;
        return MARIA_LOST;
    }
    // Errors of the client from 2000 on: the connection itself is the trouble.
    if (failed && (number == 2006 || number == 2013 || number == 2055 || number == 1927 || number == 1053)) {
        c->is_dead = true;
        return MARIA_LOST;
    }
    if (c->state == CANCELLED) return MARIA_TOO_LATE;
    return failed ? MARIA_REFUSED : MARIA_DONE;
}

static int judge_connection(maria_connection *c, bool failed) {
    return judge(c, failed, p_mysql_errno(c->handle), p_mysql_error(c->handle));
}

static int judge_statement(maria_statement *s, bool failed) {
    return judge(s->connection, failed, p_mysql_stmt_errno(s->handle), p_mysql_stmt_error(s->handle));
}

static char *copy(const char *text) { return text ? strdup(text) : NULL; }

maria_connection *maria_make(void) {
    maria_connection *c = calloc(1, sizeof *c);
    if (!c) abort();
    return c;
}

int maria_connect(maria_connection *c, const struct maria_address *address) {
    c->host = copy(address->host);
    c->socket = copy(address->socket);
    c->user = copy(address->user);
    c->password = copy(address->password);
    c->authority = copy(address->authority);
    c->certificate = copy(address->certificate);
    c->key = copy(address->key);
    c->port = address->port;
    c->is_encrypted = address->is_encrypted;
    c->is_verified = address->is_verified;
    c->handle = p_mysql_init(NULL);
    if (!c->handle) abort();
    p_mysql_options(c->handle, MYSQL_OPT_NONBLOCK, NULL);
    set_options(c->handle, c, (unsigned)(address->milliseconds / 1000 + 1));
    begin(c, address->milliseconds);
    // There is no statement yet that could be cancelled.
    c->state = CANCELLED;
    MYSQL *connected = NULL;
    DRIVE(c,
          p_mysql_real_connect_start(&connected, c->handle, c->host, c->user, c->password, address->database, c->port,
                                     c->socket, 0),
          p_mysql_real_connect_cont(&connected, c->handle, status));
    if (c->state == CANCELLED) c->state = RUNNING;
    return judge_connection(c, connected == NULL);
}

void maria_close(maria_connection *c) {
    if (c->handle) {
        // The goodbye of a dead connection would wait for nobody.
        if (c->is_dead) shutdown(p_mysql_get_socket(c->handle), SHUT_RDWR);
        p_mysql_close(c->handle);
    }
    if (c->password) explicit_bzero(c->password, strlen(c->password));
    char *texts[] = {c->host, c->socket, c->user, c->password, c->authority, c->certificate, c->key};
    for (size_t index = 0; index < sizeof texts / sizeof *texts; index++) free(texts[index]);
    free(c);
}

unsigned maria_error_number(const maria_connection *c) { return c->number; }
const char *maria_error_words(const maria_connection *c) { return c->words; }

unsigned long maria_server_version(const maria_connection *c) {
    const char *words = p_mysql_get_server_info(c->handle);
    return words && strstr(words, "MariaDB") ? p_mysql_get_server_version(c->handle) : 0;
}

unsigned long maria_thread_id(const maria_connection *c) { return p_mysql_thread_id(c->handle); }

int maria_run(maria_connection *c, const char *sql, size_t length, int64_t milliseconds) {
    begin(c, milliseconds);
    int failed = 0;
    DRIVE(c, p_mysql_real_query_start(&failed, c->handle, sql, length),
          p_mysql_real_query_cont(&failed, c->handle, status));
    if (!failed) {
        MYSQL_RES *rows = NULL;
        DRIVE(c, p_mysql_store_result_start(&rows, c->handle), p_mysql_store_result_cont(&rows, c->handle, status));
        if (rows) p_mysql_free_result(rows);
        failed = p_mysql_errno(c->handle) != 0;
    }
    return judge_connection(c, failed);
}

maria_statement *maria_prepare(maria_connection *c, const char *sql, size_t length, int64_t milliseconds,
                                   int *result) {
    begin(c, milliseconds);
    maria_statement *s = calloc(1, sizeof *s);
    if (!s) abort();
    s->connection = c;
    s->handle = p_mysql_stmt_init(c->handle);
    if (!s->handle) abort();
    int failed = 0;
    DRIVE(c, p_mysql_stmt_prepare_start(&failed, s->handle, sql, length),
          p_mysql_stmt_prepare_cont(&failed, s->handle, status));
    *result = judge_statement(s, failed != 0);
    if (*result != MARIA_DONE) {
        maria_close_statement(s);
        return NULL;
    }
    s->parameter_count = p_mysql_stmt_param_count(s->handle);
    s->parameters = calloc(s->parameter_count + 1, sizeof *s->parameters);
    if (!s->parameters) abort();
    return s;
}

unsigned long maria_parameter_count(const maria_statement *s) { return s->parameter_count; }

static MYSQL_BIND *parameter(maria_statement *s, unsigned index, enum enum_field_types type, const void *bytes,
                             size_t count) {
    MYSQL_BIND *bind = &s->parameters[index];
    free(bind->buffer);
    memset(bind, 0, sizeof *bind);
    bind->buffer_type = type;
    bind->buffer = malloc(count + 1);
    if (!bind->buffer) abort();
    if (count) memcpy(bind->buffer, bytes, count);
    bind->buffer_length = count;
    bind->length_value = count;
    bind->length = &bind->length_value;
    return bind;
}

void maria_bind_null(maria_statement *s, unsigned index) { parameter(s, index, MYSQL_TYPE_NULL, NULL, 0); }
void maria_bind_integer(maria_statement *s, unsigned index, int64_t value) {
    parameter(s, index, MYSQL_TYPE_LONGLONG, &value, sizeof value);
}
void maria_bind_real(maria_statement *s, unsigned index, double value) {
    parameter(s, index, MYSQL_TYPE_DOUBLE, &value, sizeof value);
}
void maria_bind_bytes(maria_statement *s, unsigned index, const void *bytes, size_t count, int kind) {
    enum enum_field_types type = kind == MARIA_BYTES     ? MYSQL_TYPE_BLOB
                                 : kind == MARIA_DECIMAL ? MYSQL_TYPE_NEWDECIMAL
                                                           : MYSQL_TYPE_STRING;
    parameter(s, index, type, bytes, count);
}

static void forget_results(maria_statement *s) {
    if (s->metadata) p_mysql_free_result(s->metadata);
    free(s->results);
    free(s->values);
    free(s->lengths);
    free(s->nulls);
    free(s->errors);
    s->metadata = NULL;
    s->fields = NULL;
    s->results = NULL;
    s->values = NULL;
    s->lengths = NULL;
    s->nulls = NULL;
    s->errors = NULL;
    s->columns = 0;
}

// Numbers come into the bind itself; the length of everything else comes first, and its bytes when they are wanted.
static bool prepare_results(maria_statement *s) {
    forget_results(s);
    s->metadata = p_mysql_stmt_result_metadata(s->handle);
    if (!s->metadata) return true;
    s->columns = p_mysql_stmt_field_count(s->handle);
    s->fields = p_mysql_fetch_fields(s->metadata);
    size_t count = s->columns + 1;
    s->results = calloc(count, sizeof *s->results);
    s->values = calloc(count, sizeof *s->values);
    s->lengths = calloc(count, sizeof *s->lengths);
    s->nulls = calloc(count, sizeof *s->nulls);
    s->errors = calloc(count, sizeof *s->errors);
    if (!s->results || !s->values || !s->lengths || !s->nulls || !s->errors) abort();
    for (unsigned column = 0; column < s->columns; column++) {
        MYSQL_BIND *bind = &s->results[column];
        bind->length = &s->lengths[column];
        bind->is_null = &s->nulls[column];
        bind->error = &s->errors[column];
        switch (maria_column_kind(s, column)) {
        case MARIA_INTEGER:
        case MARIA_UNSIGNED:
            bind->buffer_type = MYSQL_TYPE_LONGLONG;
            bind->is_unsigned = (s->fields[column].flags & UNSIGNED_FLAG) != 0;
            bind->buffer = &s->values[column].integer;
            bind->buffer_length = sizeof(int64_t);
            break;
        case MARIA_REAL:
            // As it is: the library's conversion from float goes through decimal digits.
            bind->buffer_type = s->fields[column].type;
            bind->buffer = &s->values[column];
            bind->buffer_length = sizeof(double);
            break;
        default:
            bind->buffer_type = MYSQL_TYPE_STRING;
            bind->buffer = NULL;
            bind->buffer_length = 0;
        }
    }
    return !p_mysql_stmt_bind_result(s->handle, s->results);
}

int maria_execute(maria_statement *s, int64_t milliseconds) {
    maria_connection *c = s->connection;
    begin(c, milliseconds);
    if (s->parameter_count && p_mysql_stmt_bind_param(s->handle, s->parameters)) return judge_statement(s, true);
    int failed = 0;
    DRIVE(c, p_mysql_stmt_execute_start(&failed, s->handle), p_mysql_stmt_execute_cont(&failed, s->handle, status));
    if (!failed && c->state == RUNNING) failed = !prepare_results(s);
    return judge_statement(s, failed != 0);
}

int maria_fetch(maria_statement *s) {
    if (!s->columns) return MARIA_DONE;
    maria_connection *c = s->connection;
    int result = 0;
    DRIVE(c, p_mysql_stmt_fetch_start(&result, s->handle), p_mysql_stmt_fetch_cont(&result, s->handle, status));
    if (result == MYSQL_NO_DATA) return judge_statement(s, false);
    // Truncated is what every text is, because there was no room for any.
    if (result == 0 || result == MYSQL_DATA_TRUNCATED) {
        int judged = judge_statement(s, false);
        return judged == MARIA_DONE ? MARIA_ROW : judged;
    }
    return judge_statement(s, true);
}

int maria_reset(maria_statement *s) {
    maria_connection *c = s->connection;
    if (c->is_dead) return MARIA_LOST;
    begin(c, PATIENCE_MILLISECONDS);
    my_bool failed = 0;
    DRIVE(c, p_mysql_stmt_free_result_start(&failed, s->handle),
          p_mysql_stmt_free_result_cont(&failed, s->handle, status));
    return judge_statement(s, failed != 0);
}

void maria_close_statement(maria_statement *s) {
    maria_connection *c = s->connection;
    forget_results(s);
    // The words of the error that ends a statement must not be lost with it.
    unsigned number = c->number;
    if (!c->is_dead) begin(c, PATIENCE_MILLISECONDS);
    my_bool failed = 0;
    DRIVE(c, p_mysql_stmt_close_start(&failed, s->handle), p_mysql_stmt_close_cont(&failed, s->handle, status));
    if (c->state == ABANDONED) c->is_dead = true;
    c->number = number;
    for (unsigned long index = 0; s->parameters && index < s->parameter_count; index++) {
        free(s->parameters[index].buffer);
    }
    free(s->parameters);
    free(s->bytes);
    free(s);
}

unsigned maria_column_count(const maria_statement *s) { return s->columns; }
const char *maria_column_name(const maria_statement *s, unsigned column) { return s->fields[column].name; }

int maria_column_kind(const maria_statement *s, unsigned column) {
    const MYSQL_FIELD *field = &s->fields[column];
    switch (field->type) {
    case MYSQL_TYPE_TINY:
    case MYSQL_TYPE_SHORT:
    case MYSQL_TYPE_LONG:
    case MYSQL_TYPE_INT24:
    case MYSQL_TYPE_LONGLONG:
    case MYSQL_TYPE_YEAR: return field->flags & UNSIGNED_FLAG ? MARIA_UNSIGNED : MARIA_INTEGER;
    case MYSQL_TYPE_FLOAT:
    case MYSQL_TYPE_DOUBLE: return MARIA_REAL;
    case MYSQL_TYPE_DECIMAL:
    case MYSQL_TYPE_NEWDECIMAL: return MARIA_DECIMAL;
    case MYSQL_TYPE_BIT: return MARIA_BITS;
    case MYSQL_TYPE_TINY_BLOB:
    case MYSQL_TYPE_MEDIUM_BLOB:
    case MYSQL_TYPE_LONG_BLOB:
    case MYSQL_TYPE_BLOB:
    case MYSQL_TYPE_STRING:
    case MYSQL_TYPE_VAR_STRING:
    case MYSQL_TYPE_VARCHAR:
    case MYSQL_TYPE_GEOMETRY: return field->charsetnr == 63 ? MARIA_BYTES : MARIA_TEXT;
    default: return MARIA_TEXT;
    }
}

bool maria_is_null(const maria_statement *s, unsigned column) {
    return s->fields[column].type == MYSQL_TYPE_NULL || s->nulls[column];
}
int64_t maria_integer(const maria_statement *s, unsigned column) { return s->values[column].integer; }
double maria_real(const maria_statement *s, unsigned column) {
    return s->fields[column].type == MYSQL_TYPE_FLOAT ? (double)s->values[column].single : s->values[column].real;
}

const void *maria_bytes(maria_statement *s, unsigned column, size_t *count) {
    *count = s->lengths[column];
    if (s->room < *count + 1) {
        free(s->bytes);
        s->room = *count + 1024;
        s->bytes = malloc(s->room);
        if (!s->bytes) abort();
    }
    unsigned long length = 0;
    my_bool null = 0, error = 0;
    MYSQL_BIND bind = {.buffer_type = MYSQL_TYPE_STRING, .buffer = s->bytes, .buffer_length = s->room};
    bind.length = &length;
    bind.is_null = &null;
    bind.error = &error;
    if (p_mysql_stmt_fetch_column(s->handle, &bind, column, 0)) return NULL;
    // Of a time the length is only known once it is written out.
    *count = length < s->room ? length : s->room;
    return s->bytes;
}
