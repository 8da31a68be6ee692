// SPDX-License-Identifier: Apache-2.0
// Downloader: revocation lists and OCSP responses by HTTP, in a thread of its own (libcurl), which is there
// from the first download on.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

namespace sendconnector::starttls {

// http: only, at most 5 redirects and those to http: too. No proxy from the environment, no cookies, no
// credentials, no decompression. Addresses are not filtered: private authorities publish on private
// addresses, on this machine as well; URLs come from certificates of trusted paths only.
struct DownloadRequest {
    std::string url;
    std::string post; // an OCSP request; empty: GET
    std::size_t most_octets = 0;
    std::chrono::milliseconds time{0}; // from the first packet on, redirects and name resolution and all
    bool urgent = false;               // somebody waits: goes before those for which nobody does
};

struct DownloadResult {
    std::string octets;
    std::string failure; // "HTTP status 404", "no answer within 20 s"; empty: all came
};

class Downloader {
public:
    using Done = std::function<void(DownloadResult)>;

    // At most `parallel` at a time, a quarter of them from one host, so that a dead one does not stop the
    // others.
    explicit Downloader(std::size_t parallel);
    Downloader(const Downloader&) = delete;
    Downloader& operator=(const Downloader&) = delete;
    ~Downloader(); // drops what is under way or queued, and is not held up by it

    // One thread. Returns at once. `done` is called exactly once, in the download thread, unless the
    // downloader is destroyed first.
    void start(DownloadRequest request, Done done);

private:
    class Implementation;
    std::unique_ptr<Implementation> m_implementation;
};

} // namespace sendconnector::starttls
