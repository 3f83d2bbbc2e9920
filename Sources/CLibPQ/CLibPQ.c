#include "CLibPQ.h"

#include <dlfcn.h>
#include <pthread.h>

#if defined(__has_include)
#if __has_include(<libpq-fe.h>)
#define LIBPQ_HAS_HEADER "libpq-fe.h"
#elif __has_include(<postgresql/libpq-fe.h>)
#define LIBPQ_HAS_HEADER "postgresql/libpq-fe.h"
#endif
#ifdef LIBPQ_HAS_HEADER
#include LIBPQ_HAS_HEADER
#define SAME(ours, theirs) _Static_assert((int)(ours) == (int)(theirs), #theirs)
SAME(LIBPQ_CONNECTION_OK, CONNECTION_OK);
SAME(LIBPQ_CONNECTION_BAD, CONNECTION_BAD);
SAME(LIBPQ_POLLING_FAILED, PGRES_POLLING_FAILED);
SAME(LIBPQ_POLLING_READING, PGRES_POLLING_READING);
SAME(LIBPQ_POLLING_WRITING, PGRES_POLLING_WRITING);
SAME(LIBPQ_POLLING_OK, PGRES_POLLING_OK);
SAME(LIBPQ_EMPTY_QUERY, PGRES_EMPTY_QUERY);
SAME(LIBPQ_COMMAND_OK, PGRES_COMMAND_OK);
SAME(LIBPQ_TUPLES_OK, PGRES_TUPLES_OK);
SAME(LIBPQ_COPY_OUT, PGRES_COPY_OUT);
SAME(LIBPQ_COPY_IN, PGRES_COPY_IN);
SAME(LIBPQ_FATAL_ERROR, PGRES_FATAL_ERROR);
SAME(LIBPQ_COPY_BOTH, PGRES_COPY_BOTH);
SAME(LIBPQ_SINGLE_TUPLE, PGRES_SINGLE_TUPLE);
SAME(LIBPQ_IN_TRANSACTION, PQTRANS_INTRANS);
SAME(LIBPQ_IN_ERROR, PQTRANS_INERROR);
SAME(LIBPQ_UNKNOWN, PQTRANS_UNKNOWN);
#endif
#endif

#define LIBPQ_POINTER(result, name, parameters, arguments) static result(*p_##name) parameters;
LIBPQ_FUNCTIONS(LIBPQ_POINTER)
static void (*p_clear)(PGresult *);
static void (*p_freeCancel)(PGcancel *);
static void (*p_finish)(PGconn *);
static void *(*p_setNoticeProcessor)(PGconn *, void (*)(void *, const char *), void *);

static pthread_once_t once = PTHREAD_ONCE_INIT;
static const char *failure;

static void *find(void *library, const char *name) {
    void *function = dlsym(library, name);
    if (!function && !failure) failure = "the installed libpq lacks a function that is needed";
    return function;
}

static void load(void) {
    void *library = dlopen("libpq.so.5", RTLD_NOW | RTLD_LOCAL);
    if (!library) {
        failure = "libpq is not installed (Debian: apt-get install libpq5)";
        return;
    }
#define LIBPQ_FIND(result, name, parameters, arguments) *(void **)&p_##name = find(library, "PQ" #name);
    LIBPQ_FUNCTIONS(LIBPQ_FIND)
    *(void **)&p_clear = find(library, "PQclear");
    *(void **)&p_freeCancel = find(library, "PQfreeCancel");
    *(void **)&p_finish = find(library, "PQfinish");
    *(void **)&p_setNoticeProcessor = find(library, "PQsetNoticeProcessor");
}

const char *libpq_load(void) {
    pthread_once(&once, load);
    return failure;
}

#define LIBPQ_DEFINE(result, name, parameters, arguments) \
    result libpq_##name parameters { return p_##name arguments; }
LIBPQ_FUNCTIONS(LIBPQ_DEFINE)

void libpq_clear(PGresult *r) { p_clear(r); }
void libpq_freeCancel(PGcancel *k) { p_freeCancel(k); }
void libpq_finish(PGconn *c) { p_finish(c); }

static void drop(void *context, const char *words) {
    (void)context;
    (void)words;
}

void libpq_beQuiet(PGconn *c) { p_setNoticeProcessor(c, drop, NULL); }
