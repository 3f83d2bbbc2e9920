// Connections to MariaDB through libmariadb, which is loaded when a database is
// first opened; see docs/decisions/0014.
//
// Every call blocks its thread, and none beyond its time: libmariadb's
// non-blocking functions are driven by poll, a statement that is late is ended
// by KILL QUERY over a second connection, and a connection that does not even
// answer that is given up.
#ifndef PHASEGATE_CMARIADB_H
#define PHASEGATE_CMARIADB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct maria_connection maria_connection;
typedef struct maria_statement maria_statement;

// How a call ended.
enum maria_result {
    MARIA_DONE = 0,
    // The server refused; maria_error_number and maria_error_words say why.
    MARIA_REFUSED = 1,
    // It was not done in time and was ended; the connection can be used.
    MARIA_TOO_LATE = 2,
    // The connection is gone; only maria_close may be called.
    MARIA_LOST = 3,
    // There is a row.
    MARIA_ROW = 4
};

// What a column holds.
enum maria_kind {
    MARIA_INTEGER,
    MARIA_UNSIGNED,
    MARIA_REAL,
    MARIA_DECIMAL,
    MARIA_TEXT,
    MARIA_BYTES,
    MARIA_BITS
};

// How to connect; what is null is left to libmariadb.
struct maria_address {
    const char *_Nullable host;
    const char *_Nullable socket;
    unsigned port;
    const char *_Nullable user;
    const char *_Nullable password;
    const char *_Nullable database;
    bool is_encrypted;
    bool is_verified;
    const char *_Nullable authority;
    const char *_Nullable certificate;
    const char *_Nullable key;
    int64_t milliseconds;
};

// Loads the library; any thread may ask, the work is done once.
// Returns nothing, or why there is none; the text is never freed.
const char *_Nullable maria_load(void);

// Makes a connection that is not connected yet.
maria_connection *_Nonnull maria_make(void);
// Connects, once. The address is needed no longer afterwards.
int maria_connect(maria_connection *_Nonnull c, const struct maria_address *_Nonnull address);
// Ends the connection and frees it; its statements have to be closed before.
void maria_close(maria_connection *_Nonnull c);

// The last error, also of its statements.
unsigned maria_error_number(const maria_connection *_Nonnull c);
const char *_Nonnull maria_error_words(const maria_connection *_Nonnull c);
// As 101119 for 10.11.19; 0 for a server that is not MariaDB.
unsigned long maria_server_version(const maria_connection *_Nonnull c);
// The number by which the server knows the connection; 0 when there is none.
unsigned long maria_thread_id(const maria_connection *_Nonnull c);

// Runs one statement as text and throws its rows away.
int maria_run(maria_connection *_Nonnull c, const char *_Nonnull sql, size_t length, int64_t milliseconds);

// Prepares a statement; nothing when that failed, with the reason in `result`.
maria_statement *_Nullable maria_prepare(
    maria_connection *_Nonnull c, const char *_Nonnull sql, size_t length, int64_t milliseconds,
    int *_Nonnull result);
unsigned long maria_parameter_count(const maria_statement *_Nonnull s);
// Sets a parameter, from 0; bytes are copied.
void maria_bind_null(maria_statement *_Nonnull s, unsigned index);
void maria_bind_integer(maria_statement *_Nonnull s, unsigned index, int64_t value);
void maria_bind_real(maria_statement *_Nonnull s, unsigned index, double value);
void maria_bind_bytes(
    maria_statement *_Nonnull s, unsigned index, const void *_Nullable bytes, size_t count, int kind);
// Runs it; its rows are to be fetched to the end within the same time, or given up with maria_reset.
int maria_execute(maria_statement *_Nonnull s, int64_t milliseconds);
// Goes to the next row: MARIA_ROW, or MARIA_DONE at the end.
int maria_fetch(maria_statement *_Nonnull s);
int maria_reset(maria_statement *_Nonnull s);
void maria_close_statement(maria_statement *_Nonnull s);

unsigned maria_column_count(const maria_statement *_Nonnull s);
const char *_Nonnull maria_column_name(const maria_statement *_Nonnull s, unsigned column);
int maria_column_kind(const maria_statement *_Nonnull s, unsigned column);
// Values of the row that was fetched last.
bool maria_is_null(const maria_statement *_Nonnull s, unsigned column);
int64_t maria_integer(const maria_statement *_Nonnull s, unsigned column);
double maria_real(const maria_statement *_Nonnull s, unsigned column);
// The bytes, valid until the next of them is asked for; nothing when they could not be had.
const void *_Nullable maria_bytes(maria_statement *_Nonnull s, unsigned column, size_t *_Nonnull count);

#endif
