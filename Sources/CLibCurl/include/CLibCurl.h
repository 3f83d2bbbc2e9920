// libcurl, loaded when it is first needed; see docs/decisions/0009.
//
// Declarations of our own, so that neither building nor starting needs libcurl:
// its numbers are part of its ABI and never change. Where <curl/curl.h> is
// installed the compiler compares them.
#ifndef PHASEGATE_CLIBCURL_H
#define PHASEGATE_CLIBCURL_H

#include <stddef.h>
#include <stdint.h>

// Options that take a number.
enum libcurl_number_option {
    LIBCURL_NOPROGRESS = 43,
    LIBCURL_UPLOAD = 46,
    LIBCURL_POST = 47,
    LIBCURL_FOLLOWLOCATION = 52,
    LIBCURL_SSL_VERIFYPEER = 64,
    LIBCURL_SSL_VERIFYHOST = 81,
    LIBCURL_NOSIGNAL = 99,
    // Seconds for each reply of a server; the only time that closing keeps to.
    LIBCURL_SERVER_RESPONSE_TIMEOUT = 112,
    LIBCURL_USE_SSL = 119,
    LIBCURL_TIMEOUT_MS = 155,
    LIBCURL_CONNECTTIMEOUT_MS = 156,
    LIBCURL_PROTOCOLS = 181,
    LIBCURL_SSLVERSION = 32,
    LIBCURL_DISALLOW_USERNAME_IN_URL = 278
};

// Options that take a text, which libcurl copies.
enum libcurl_text_option {
    LIBCURL_URL = 10002,
    LIBCURL_CUSTOMREQUEST = 10036,
    LIBCURL_PROXY = 10004,
    LIBCURL_USERAGENT = 10018,
    LIBCURL_CAINFO = 10065,
    LIBCURL_USERNAME = 10173,
    LIBCURL_PASSWORD = 10174,
    LIBCURL_MAIL_FROM = 10186
};

// Options that take a list, which has to live until the transfer is closed.
enum libcurl_list_option {
    LIBCURL_HTTPHEADER = 10023,
    LIBCURL_MAIL_RCPT = 10187
};

// Values of LIBCURL_PROTOCOLS, LIBCURL_USE_SSL and LIBCURL_SSLVERSION.
enum libcurl_value {
    LIBCURL_PROTOCOL_HTTP = 1 << 0,
    LIBCURL_PROTOCOL_HTTPS = 1 << 1,
    LIBCURL_PROTOCOL_SMTP = 1 << 16,
    LIBCURL_PROTOCOL_SMTPS = 1 << 17,
    LIBCURL_SSL_REQUIRED = 3,
    LIBCURL_TLS_1_2 = 6
};

// Results that we tell apart.
enum libcurl_result {
    LIBCURL_OK = 0,
    LIBCURL_UNSUPPORTED_PROTOCOL = 1,
    LIBCURL_MALFORMED_URL = 3,
    LIBCURL_WRITE_ERROR = 23,
    LIBCURL_TIMED_OUT = 28,
    LIBCURL_ABORTED = 42
};

// What libcurl_load found.
enum libcurl_loading {
    LIBCURL_LOADED = 0,
    LIBCURL_MISSING = 1,
    LIBCURL_UNUSABLE = 2
};

// Takes or gives bytes; returns how many it took or gave.
typedef size_t (*libcurl_bytes)(char *bytes, size_t size, size_t count, void *context);
// Anything but 0 ends the transfer; called about once a second while nothing moves.
typedef int (*libcurl_progress)(void *context, int64_t down_total, int64_t down, int64_t up_total, int64_t up);

// Loads the library and initialises it once; may be called again and from any thread.
enum libcurl_loading libcurl_load(const char *name);

// The rest only after libcurl_load has returned LIBCURL_LOADED. A handle belongs to one thread at a time.
void *libcurl_open(void);
// Says goodbye where the protocol has one, and blocks for the answer. The end of the process waits for it, for a second
// at most.
void libcurl_close(void *handle);
int libcurl_set_number(void *handle, enum libcurl_number_option option, long value);
int libcurl_set_text(void *handle, enum libcurl_text_option option, const char *value);
int libcurl_set_list(void *handle, enum libcurl_list_option option, void *list);
// Sends the bytes as the body of a POST; they are copied.
int libcurl_set_post(void *handle, const void *bytes, int64_t count);
// Sends what `reader` gives; `count` bytes in all.
int libcurl_set_upload(void *handle, libcurl_bytes reader, int64_t count, void *context);
// Where the header lines and the body of the answer go, and who may end the transfer.
int libcurl_set_listeners(
    void *handle, libcurl_bytes header, libcurl_bytes body, libcurl_progress progress, void *context
);
// Nothing when memory ran out; the list is then unchanged.
void *libcurl_list_append(void *list, const char *text);
void libcurl_list_free(void *list);
// Blocks until the transfer has ended.
int libcurl_perform(void *handle);
// The last status the other side sent; 0 for none.
long libcurl_status(void *handle);
// What a result means; a constant text that names no address.
const char *libcurl_reason(int result);

#endif
