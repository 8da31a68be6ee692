// SPDX-License-Identifier: Apache-2.0
// CurlLibrary: libcurl, from the moment that something is downloaded.
//
// With what it needs itself (GnuTLS, Kerberos, LDAP, SSH) libcurl is a quarter of the memory of a daemon that
// may never have anything to download. So it is loaded when there is something; it stays then.
#pragma once

#include "policy/result.hpp"

#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>

namespace sendconnector::starttls {

struct CurlLibrary {
    // Any thread; the same every time.
    static const Result<CurlLibrary>& get();

    decltype(&::curl_easy_init) easy_init;
    decltype(&::curl_easy_cleanup) easy_cleanup;
    decltype(&::curl_easy_setopt) easy_setopt;
    decltype(&::curl_easy_getinfo) easy_getinfo;
    decltype(&::curl_easy_strerror) easy_strerror;
    decltype(&::curl_slist_append) slist_append;
    decltype(&::curl_slist_free_all) slist_free_all;
    decltype(&::curl_multi_init) multi_init;
    decltype(&::curl_multi_cleanup) multi_cleanup;
    decltype(&::curl_multi_add_handle) multi_add_handle;
    decltype(&::curl_multi_remove_handle) multi_remove_handle;
    decltype(&::curl_multi_perform) multi_perform;
    decltype(&::curl_multi_info_read) multi_info_read;
    decltype(&::curl_multi_poll) multi_poll;
    decltype(&::curl_multi_wakeup) multi_wakeup;

private:
    static Result<CurlLibrary> load();
};

} // namespace sendconnector::starttls
