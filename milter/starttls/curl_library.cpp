// SPDX-License-Identifier: Apache-2.0
#include "milter/starttls/curl_library.hpp"

#include <dlfcn.h>
#include <fmt/format.h>

namespace sendconnector::starttls {

namespace {

constexpr const char* file = "libcurl.so.4"; // its ABI since 2006

template <class Function>
bool find(void* library, const char* name, Function*& function) {
    function = reinterpret_cast<Function*>(::dlsym(library, name));
    return function != nullptr;
}

std::string reason() {
    const char* const text = ::dlerror();
    return text == nullptr ? "unknown" : text;
}

} // namespace

Result<CurlLibrary> CurlLibrary::load() {
    void* const library = ::dlopen(file, RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) {
        return fail(fmt::format("libcurl cannot be loaded: {}", reason()), "install it");
    }
    decltype(&::curl_global_init) global_init = nullptr;
    CurlLibrary found{};
    const bool complete = find(library, "curl_global_init", global_init) &&
                          find(library, "curl_easy_init", found.easy_init) &&
                          find(library, "curl_easy_cleanup", found.easy_cleanup) &&
                          find(library, "curl_easy_setopt", found.easy_setopt) &&
                          find(library, "curl_easy_getinfo", found.easy_getinfo) &&
                          find(library, "curl_easy_strerror", found.easy_strerror) &&
                          find(library, "curl_slist_append", found.slist_append) &&
                          find(library, "curl_slist_free_all", found.slist_free_all) &&
                          find(library, "curl_multi_init", found.multi_init) &&
                          find(library, "curl_multi_cleanup", found.multi_cleanup) &&
                          find(library, "curl_multi_add_handle", found.multi_add_handle) &&
                          find(library, "curl_multi_remove_handle", found.multi_remove_handle) &&
                          find(library, "curl_multi_perform", found.multi_perform) &&
                          find(library, "curl_multi_info_read", found.multi_info_read) &&
                          find(library, "curl_multi_poll", found.multi_poll) &&
                          find(library, "curl_multi_wakeup", found.multi_wakeup);
    if (!complete) {
        return fail(fmt::format("libcurl is too old: {}", reason()), "install 7.85 or later");
    }
    if (const auto code = global_init(CURL_GLOBAL_ALL); code != CURLE_OK) {
        return fail(fmt::format("libcurl cannot begin: {}", found.easy_strerror(code)));
    }
    return found;
}

const Result<CurlLibrary>& CurlLibrary::get() {
    static const auto& library = *new Result<CurlLibrary>(load());
    return library;
}

} // namespace sendconnector::starttls
