// libpq, loaded when a PostgreSQL database is first opened; see docs/decisions/0012.
//
// Declarations of our own, so that neither building nor starting needs libpq:
// its functions and numbers are part of its ABI and never change. Where
// <libpq-fe.h> is installed the compiler compares them.
#ifndef PHASEGATE_CLIBPQ_H
#define PHASEGATE_CLIBPQ_H

#include <stddef.h>

typedef struct pg_conn PGconn;
typedef struct pg_result PGresult;
typedef struct pg_cancel PGcancel;

enum libpq_connection_status { LIBPQ_CONNECTION_OK = 0, LIBPQ_CONNECTION_BAD = 1 };

enum libpq_polling { LIBPQ_POLLING_FAILED = 0, LIBPQ_POLLING_READING = 1, LIBPQ_POLLING_WRITING = 2, LIBPQ_POLLING_OK = 3 };

enum libpq_result_status {
    LIBPQ_EMPTY_QUERY = 0,
    LIBPQ_COMMAND_OK = 1,
    LIBPQ_TUPLES_OK = 2,
    LIBPQ_COPY_OUT = 3,
    LIBPQ_COPY_IN = 4,
    LIBPQ_BAD_RESPONSE = 5,
    LIBPQ_NONFATAL_ERROR = 6,
    LIBPQ_FATAL_ERROR = 7,
    LIBPQ_COPY_BOTH = 8,
    LIBPQ_SINGLE_TUPLE = 9
};

// What PQtransactionStatus says.
enum libpq_transaction { LIBPQ_IDLE = 0, LIBPQ_ACTIVE = 1, LIBPQ_IN_TRANSACTION = 2, LIBPQ_IN_ERROR = 3, LIBPQ_UNKNOWN = 4 };

// Fields of an error: its SQLSTATE, and what it says first.
enum libpq_field { LIBPQ_SQLSTATE = 'C', LIBPQ_PRIMARY = 'M' };

// Loads the library; any thread may ask, the work is done once.
// Returns nothing, or why there is none; the text is never freed.
const char *_Nullable libpq_load(void);

// Each of the following is libpq's function of the same name with PQ before it.
// Nothing but libpq_load may be called before libpq_load has returned nothing.
#define LIBPQ_FUNCTIONS(F)                                                                                     \
    F(PGconn *_Nullable, connectStartParams,                                                                   \
      (const char *_Nullable const *_Nonnull names, const char *_Nullable const *_Nonnull values, int expand), \
      (names, values, expand))                                                                                 \
    F(int, connectPoll, (PGconn *_Nonnull c), (c))                                                             \
    F(int, status, (const PGconn *_Nonnull c), (c))                                                            \
    F(int, socket, (const PGconn *_Nonnull c), (c))                                                            \
    F(char *_Nullable, errorMessage, (const PGconn *_Nonnull c), (c))                                          \
    F(int, serverVersion, (const PGconn *_Nonnull c), (c))                                                     \
    F(int, transactionStatus, (const PGconn *_Nonnull c), (c))                                                 \
    F(int, setnonblocking, (PGconn *_Nonnull c, int on), (c, on))                                              \
    F(int, flush, (PGconn *_Nonnull c), (c))                                                                   \
    F(int, sendQuery, (PGconn *_Nonnull c, const char *_Nonnull sql), (c, sql))                                \
    F(int, sendQueryParams,                                                                                    \
      (PGconn *_Nonnull c, const char *_Nonnull sql, int count, const unsigned *_Nullable types,               \
       const char *_Nullable const *_Nullable values, const int *_Nullable lengths,                            \
       const int *_Nullable formats, int format),                                                              \
      (c, sql, count, types, values, lengths, formats, format))                                                \
    F(int, sendPrepare,                                                                                        \
      (PGconn *_Nonnull c, const char *_Nonnull name, const char *_Nonnull sql, int count,                     \
       const unsigned *_Nullable types),                                                                       \
      (c, name, sql, count, types))                                                                            \
    F(int, sendQueryPrepared,                                                                                  \
      (PGconn *_Nonnull c, const char *_Nonnull name, int count,                                               \
       const char *_Nullable const *_Nullable values, const int *_Nullable lengths,                            \
       const int *_Nullable formats, int format),                                                              \
      (c, name, count, values, lengths, formats, format))                                                      \
    F(int, setSingleRowMode, (PGconn *_Nonnull c), (c))                                                        \
    F(int, consumeInput, (PGconn *_Nonnull c), (c))                                                            \
    F(int, isBusy, (PGconn *_Nonnull c), (c))                                                                  \
    F(PGresult *_Nullable, getResult, (PGconn *_Nonnull c), (c))                                               \
    F(int, resultStatus, (const PGresult *_Nonnull r), (r))                                                    \
    F(char *_Nullable, resultErrorMessage, (const PGresult *_Nonnull r), (r))                                  \
    F(char *_Nullable, resultErrorField, (const PGresult *_Nonnull r, int field), (r, field))                  \
    F(int, ntuples, (const PGresult *_Nonnull r), (r))                                                         \
    F(int, nfields, (const PGresult *_Nonnull r), (r))                                                         \
    F(char *_Nullable, fname, (const PGresult *_Nonnull r, int column), (r, column))                           \
    F(unsigned, ftype, (const PGresult *_Nonnull r, int column), (r, column))                                  \
    F(int, getisnull, (const PGresult *_Nonnull r, int row, int column), (r, row, column))                     \
    F(char *_Nullable, getvalue, (const PGresult *_Nonnull r, int row, int column), (r, row, column))          \
    F(int, getlength, (const PGresult *_Nonnull r, int row, int column), (r, row, column))                     \
    F(PGcancel *_Nullable, getCancel, (PGconn *_Nonnull c), (c))                                               \
    F(int, cancel, (PGcancel *_Nonnull k, char *_Nonnull words, int size), (k, words, size))

#define LIBPQ_DECLARE(result, name, parameters, arguments) result libpq_##name parameters;
LIBPQ_FUNCTIONS(LIBPQ_DECLARE)

// The three that return nothing.
void libpq_clear(PGresult *_Nonnull r);
void libpq_freeCancel(PGcancel *_Nonnull k);
void libpq_finish(PGconn *_Nonnull c);

// Keeps the server's notices off our standard error.
void libpq_beQuiet(PGconn *_Nonnull c);

#endif
