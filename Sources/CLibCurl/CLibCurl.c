#include "CLibCurl.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

// Options only used here.
enum {
    OPTION_WRITEDATA = 10001,
    OPTION_READDATA = 10009,
    OPTION_HEADERDATA = 10029,
    OPTION_XFERINFODATA = 10057,
    OPTION_COPYPOSTFIELDS = 10165,
    OPTION_WRITEFUNCTION = 20011,
    OPTION_READFUNCTION = 20012,
    OPTION_HEADERFUNCTION = 20079,
    OPTION_XFERINFOFUNCTION = 20219,
    OPTION_INFILESIZE_LARGE = 30115,
    OPTION_POSTFIELDSIZE_LARGE = 30120,
    INFO_RESPONSE_CODE = 0x200002,
    GLOBAL_DEFAULT = 3
};

#if defined(__has_include)
#if __has_include(<curl/curl.h>)
#define CURL_DISABLE_TYPECHECK
#define CURL_DISABLE_DEPRECATION
#include <curl/curl.h>
#define SAME(ours, theirs) _Static_assert((long)(ours) == (long)(theirs), #theirs)
SAME(LIBCURL_NOPROGRESS, CURLOPT_NOPROGRESS);
SAME(LIBCURL_UPLOAD, CURLOPT_UPLOAD);
SAME(LIBCURL_POST, CURLOPT_POST);
SAME(LIBCURL_FOLLOWLOCATION, CURLOPT_FOLLOWLOCATION);
SAME(LIBCURL_SSL_VERIFYPEER, CURLOPT_SSL_VERIFYPEER);
SAME(LIBCURL_SSL_VERIFYHOST, CURLOPT_SSL_VERIFYHOST);
SAME(LIBCURL_NOSIGNAL, CURLOPT_NOSIGNAL);
SAME(LIBCURL_SERVER_RESPONSE_TIMEOUT, CURLOPT_SERVER_RESPONSE_TIMEOUT);
SAME(LIBCURL_USE_SSL, CURLOPT_USE_SSL);
SAME(LIBCURL_TIMEOUT_MS, CURLOPT_TIMEOUT_MS);
SAME(LIBCURL_CONNECTTIMEOUT_MS, CURLOPT_CONNECTTIMEOUT_MS);
SAME(LIBCURL_PROTOCOLS, CURLOPT_PROTOCOLS);
SAME(LIBCURL_SSLVERSION, CURLOPT_SSLVERSION);
SAME(LIBCURL_DISALLOW_USERNAME_IN_URL, CURLOPT_DISALLOW_USERNAME_IN_URL);
SAME(LIBCURL_URL, CURLOPT_URL);
SAME(LIBCURL_CUSTOMREQUEST, CURLOPT_CUSTOMREQUEST);
SAME(LIBCURL_PROXY, CURLOPT_PROXY);
SAME(LIBCURL_USERAGENT, CURLOPT_USERAGENT);
SAME(LIBCURL_CAINFO, CURLOPT_CAINFO);
SAME(LIBCURL_USERNAME, CURLOPT_USERNAME);
SAME(LIBCURL_PASSWORD, CURLOPT_PASSWORD);
SAME(LIBCURL_MAIL_FROM, CURLOPT_MAIL_FROM);
SAME(LIBCURL_HTTPHEADER, CURLOPT_HTTPHEADER);
SAME(LIBCURL_MAIL_RCPT, CURLOPT_MAIL_RCPT);
SAME(LIBCURL_PROTOCOL_HTTP, CURLPROTO_HTTP);
SAME(LIBCURL_PROTOCOL_HTTPS, CURLPROTO_HTTPS);
SAME(LIBCURL_PROTOCOL_SMTP, CURLPROTO_SMTP);
SAME(LIBCURL_PROTOCOL_SMTPS, CURLPROTO_SMTPS);
SAME(LIBCURL_SSL_REQUIRED, CURLUSESSL_ALL);
SAME(LIBCURL_TLS_1_2, CURL_SSLVERSION_TLSv1_2);
SAME(LIBCURL_OK, CURLE_OK);
SAME(LIBCURL_UNSUPPORTED_PROTOCOL, CURLE_UNSUPPORTED_PROTOCOL);
SAME(LIBCURL_MALFORMED_URL, CURLE_URL_MALFORMAT);
SAME(LIBCURL_WRITE_ERROR, CURLE_WRITE_ERROR);
SAME(LIBCURL_TIMED_OUT, CURLE_OPERATION_TIMEDOUT);
SAME(LIBCURL_ABORTED, CURLE_ABORTED_BY_CALLBACK);
SAME(OPTION_WRITEDATA, CURLOPT_WRITEDATA);
SAME(OPTION_READDATA, CURLOPT_READDATA);
SAME(OPTION_HEADERDATA, CURLOPT_HEADERDATA);
SAME(OPTION_XFERINFODATA, CURLOPT_XFERINFODATA);
SAME(OPTION_COPYPOSTFIELDS, CURLOPT_COPYPOSTFIELDS);
SAME(OPTION_WRITEFUNCTION, CURLOPT_WRITEFUNCTION);
SAME(OPTION_READFUNCTION, CURLOPT_READFUNCTION);
SAME(OPTION_HEADERFUNCTION, CURLOPT_HEADERFUNCTION);
SAME(OPTION_XFERINFOFUNCTION, CURLOPT_XFERINFOFUNCTION);
SAME(OPTION_INFILESIZE_LARGE, CURLOPT_INFILESIZE_LARGE);
SAME(OPTION_POSTFIELDSIZE_LARGE, CURLOPT_POSTFIELDSIZE_LARGE);
SAME(INFO_RESPONSE_CODE, CURLINFO_RESPONSE_CODE);
SAME(GLOBAL_DEFAULT, CURL_GLOBAL_DEFAULT);
#endif
#endif

static struct {
    int (*global_init)(long);
    void *(*easy_init)(void);
    void (*easy_cleanup)(void *);
    // These two take their last argument by type, so they have to be called as what they are.
    int (*easy_setopt)(void *, int, ...);
    int (*easy_getinfo)(void *, int, ...);
    int (*easy_perform)(void *);
    const char *(*easy_strerror)(int);
    void *(*slist_append)(void *, const char *);
    void (*slist_free_all)(void *);
} library;

static pthread_mutex_t loading = PTHREAD_MUTEX_INITIALIZER;
static int is_loaded;

// Handles that are not closed yet.
static int open_handles;
static pthread_mutex_t counting = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t all_closed = PTHREAD_COND_INITIALIZER;

// A result is handed over before its transfer is closed, so the process may end while a thread still closes. The TLS
// library takes itself apart at exit, and no thread should be inside it then. A server that does not answer a goodbye
// is waited for no longer than a second: its thread sleeps outside of it.
static void wait_for_closing(void) {
    struct timespec end;
    clock_gettime(CLOCK_REALTIME, &end);
    end.tv_sec += 1;
    pthread_mutex_lock(&counting);
    while (open_handles > 0 && pthread_cond_timedwait(&all_closed, &counting, &end) == 0) {}
    pthread_mutex_unlock(&counting);
}

static enum libcurl_loading resolve(void *image) {
    // Through a pointer to the pointer: ISO C has no cast from an object to a function.
    struct { void *slot; const char *symbol; } wanted[] = {
        {&library.global_init, "curl_global_init"},
        {&library.easy_init, "curl_easy_init"},
        {&library.easy_cleanup, "curl_easy_cleanup"},
        {&library.easy_setopt, "curl_easy_setopt"},
        {&library.easy_getinfo, "curl_easy_getinfo"},
        {&library.easy_perform, "curl_easy_perform"},
        {&library.easy_strerror, "curl_easy_strerror"},
        {&library.slist_append, "curl_slist_append"},
        {&library.slist_free_all, "curl_slist_free_all"},
    };
    for (size_t index = 0; index < sizeof wanted / sizeof wanted[0]; index++) {
        void *symbol = dlsym(image, wanted[index].symbol);
        if (symbol == NULL) return LIBCURL_UNUSABLE;
        *(void **)wanted[index].slot = symbol;
    }
    if (library.global_init(GLOBAL_DEFAULT) != LIBCURL_OK) return LIBCURL_UNUSABLE;
    // After libcurl has set up TLS: what is registered last runs first.
    atexit(wait_for_closing);
    return LIBCURL_LOADED;
}

enum libcurl_loading libcurl_load(const char *name) {
    void *image = dlopen(name, RTLD_NOW | RTLD_LOCAL);
    if (image == NULL) return LIBCURL_MISSING;
    pthread_mutex_lock(&loading);
    enum libcurl_loading result = LIBCURL_LOADED;
    if (!is_loaded) {
        result = resolve(image);
        is_loaded = result == LIBCURL_LOADED;
    }
    pthread_mutex_unlock(&loading);
    // Never closed: threads may be inside it until the process ends.
    return result;
}

void *libcurl_open(void) {
    void *handle = library.easy_init();
    if (handle != NULL) {
        pthread_mutex_lock(&counting);
        open_handles++;
        pthread_mutex_unlock(&counting);
    }
    return handle;
}

void libcurl_close(void *handle) {
    library.easy_cleanup(handle);
    pthread_mutex_lock(&counting);
    if (--open_handles == 0) pthread_cond_broadcast(&all_closed);
    pthread_mutex_unlock(&counting);
}

int libcurl_set_number(void *handle, enum libcurl_number_option option, long value) {
    return library.easy_setopt(handle, option, value);
}

int libcurl_set_text(void *handle, enum libcurl_text_option option, const char *value) {
    return library.easy_setopt(handle, option, value);
}

int libcurl_set_list(void *handle, enum libcurl_list_option option, void *list) {
    return library.easy_setopt(handle, option, list);
}

int libcurl_set_post(void *handle, const void *bytes, int64_t count) {
    int result = library.easy_setopt(handle, LIBCURL_POST, 1L);
    if (result == LIBCURL_OK) result = library.easy_setopt(handle, OPTION_POSTFIELDSIZE_LARGE, count);
    if (result == LIBCURL_OK) result = library.easy_setopt(handle, OPTION_COPYPOSTFIELDS, bytes);
    return result;
}

int libcurl_set_upload(void *handle, libcurl_bytes reader, int64_t count, void *context) {
    int result = library.easy_setopt(handle, LIBCURL_UPLOAD, 1L);
    if (result == LIBCURL_OK) result = library.easy_setopt(handle, OPTION_READFUNCTION, reader);
    if (result == LIBCURL_OK) result = library.easy_setopt(handle, OPTION_READDATA, context);
    if (result == LIBCURL_OK) result = library.easy_setopt(handle, OPTION_INFILESIZE_LARGE, count);
    return result;
}

int libcurl_set_listeners(
    void *handle, libcurl_bytes header, libcurl_bytes body, libcurl_progress progress, void *context
) {
    int result = library.easy_setopt(handle, OPTION_HEADERFUNCTION, header);
    if (result == LIBCURL_OK) result = library.easy_setopt(handle, OPTION_HEADERDATA, context);
    if (result == LIBCURL_OK) result = library.easy_setopt(handle, OPTION_WRITEFUNCTION, body);
    if (result == LIBCURL_OK) result = library.easy_setopt(handle, OPTION_WRITEDATA, context);
    if (result == LIBCURL_OK) result = library.easy_setopt(handle, OPTION_XFERINFOFUNCTION, progress);
    if (result == LIBCURL_OK) result = library.easy_setopt(handle, OPTION_XFERINFODATA, context);
    if (result == LIBCURL_OK) result = library.easy_setopt(handle, LIBCURL_NOPROGRESS, 0L);
    return result;
}

void *libcurl_list_append(void *list, const char *text) { return library.slist_append(list, text); }

void libcurl_list_free(void *list) { library.slist_free_all(list); }

int libcurl_perform(void *handle) { return library.easy_perform(handle); }

long libcurl_status(void *handle) {
    long status = 0;
    return library.easy_getinfo(handle, INFO_RESPONSE_CODE, &status) == LIBCURL_OK ? status : 0;
}

const char *libcurl_reason(int result) { return library.easy_strerror(result); }
