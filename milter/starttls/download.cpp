// SPDX-License-Identifier: Apache-2.0
#include "milter/starttls/download.hpp"

#include "milter/starttls/curl_library.hpp"

#include <algorithm>
#include <array>
#include <condition_variable>
#include <deque>
#include <fmt/format.h>
#include <map>
#include <mutex>
#include <string_view>
#include <thread>
#include <utility>

namespace sendconnector::starttls {

namespace {

constexpr long most_redirects = 5;
constexpr std::size_t most_header_octets = 65'536;

// Where nothing is under way, until somebody asks.
constexpr int idle_milliseconds = 3'600'000;

// Only where it has been loaded.
const CurlLibrary& curl() {
    return *CurlLibrary::get();
}

struct EasyRelease {
    void operator()(CURL* handle) const { curl().easy_cleanup(handle); }
};
struct MultiRelease {
    void operator()(CURLM* handle) const { curl().multi_cleanup(handle); }
};
struct ListRelease {
    void operator()(curl_slist* list) const { curl().slist_free_all(list); }
};

std::string host_of(std::string_view url) {
    const auto begin = url.find("://");
    if (begin == url.npos) {
        return {};
    }
    url.remove_prefix(begin + 3);
    return std::string(url.substr(0, url.find_first_of("/?#")));
}

struct Job {
    DownloadRequest request;
    Downloader::Done done;
};

// One download under way.
struct Transfer {
    explicit Transfer(Job started) : job(std::move(started)), host(host_of(job.request.url)) {}
    Transfer(const Transfer&) = delete;
    Transfer& operator=(const Transfer&) = delete;
    ~Transfer() = default;

    bool prepare();
    std::string failure(CURLcode code) const;

    Job job;
    std::string host;
    std::string octets;
    std::size_t header_octets = 0;
    bool too_large = false;
    std::array<char, CURL_ERROR_SIZE> error{};
    std::unique_ptr<curl_slist, ListRelease> headers;
    std::unique_ptr<CURL, EasyRelease> easy; // last: goes first, while what it points to is there
};

std::size_t take_octets(char* data, std::size_t, std::size_t size, void* context) {
    auto& transfer = *static_cast<Transfer*>(context);
    if (size > transfer.job.request.most_octets - transfer.octets.size()) {
        transfer.too_large = true;
        return 0;
    }
    transfer.octets.append(data, size);
    return size;
}

std::size_t take_header(char*, std::size_t size, std::size_t count, void* context) {
    auto& transfer = *static_cast<Transfer*>(context);
    transfer.header_octets += size * count;
    return transfer.header_octets > most_header_octets ? 0 : size * count;
}

bool Transfer::prepare() {
    easy.reset(curl().easy_init());
    auto* handle = easy.get();
    if (handle == nullptr) {
        return false;
    }
    bool fine = true;
    const auto set = [&](CURLoption option, auto value) {
        fine = curl().easy_setopt(handle, option, value) == CURLE_OK && fine;
    };
    set(CURLOPT_URL, job.request.url.c_str());
    set(CURLOPT_PROTOCOLS_STR, "http");
    set(CURLOPT_REDIR_PROTOCOLS_STR, "http");
    set(CURLOPT_FOLLOWLOCATION, 1L);
    set(CURLOPT_MAXREDIRS, most_redirects);
    set(CURLOPT_POSTREDIR, static_cast<long>(CURL_REDIR_POST_ALL));
    set(CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
    set(CURLOPT_PROXY, ""); // not even http_proxy of the environment
    set(CURLOPT_TIMEOUT_MS, static_cast<long>(job.request.time.count()));
    set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(job.request.time.count()));
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_QUICK_EXIT, 1L); // never wait for a name server that hangs
    set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    set(CURLOPT_HTTP09_ALLOWED, 0L);
    set(CURLOPT_FORBID_REUSE, 1L); // nothing stays open
    set(CURLOPT_MAXFILESIZE_LARGE, static_cast<curl_off_t>(job.request.most_octets));
    set(CURLOPT_USERAGENT, "sendconnector/" SENDCONNECTOR_VERSION);
    set(CURLOPT_ERRORBUFFER, error.data());
    set(CURLOPT_WRITEFUNCTION, &take_octets);
    set(CURLOPT_WRITEDATA, static_cast<void*>(this));
    set(CURLOPT_HEADERFUNCTION, &take_header);
    set(CURLOPT_HEADERDATA, static_cast<void*>(this));
    set(CURLOPT_PRIVATE, static_cast<void*>(this));
    if (!job.request.post.empty()) {
        for (const char* line :
             {"Content-Type: application/ocsp-request", "Accept: application/ocsp-response",
              "Expect:"}) { // no waiting for "100 Continue"
            auto* longer = curl().slist_append(headers.get(), line);
            if (longer == nullptr) {
                return false;
            }
            static_cast<void>(headers.release()); // part of the longer one
            headers.reset(longer);
        }
        set(CURLOPT_HTTPHEADER, headers.get());
        set(CURLOPT_POST, 1L);
        set(CURLOPT_POSTFIELDS, job.request.post.data());
        set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(job.request.post.size()));
    }
    return fine;
}

std::string Transfer::failure(CURLcode code) const {
    if (code == CURLE_OK) {
        long status = 0;
        curl().easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &status);
        if (status != 200) {
            return fmt::format("HTTP status {}", status);
        }
        return octets.empty() ? "an empty answer" : std::string();
    }
    if (too_large || code == CURLE_FILESIZE_EXCEEDED) {
        return fmt::format("more than {} octets", job.request.most_octets);
    }
    switch (code) {
    case CURLE_OPERATION_TIMEDOUT:
        return fmt::format("no answer within {:.3g} s", static_cast<double>(job.request.time.count()) / 1000);
    case CURLE_TOO_MANY_REDIRECTS:
        return fmt::format("more than {} redirects", most_redirects);
    case CURLE_UNSUPPORTED_PROTOCOL:
        return "a redirect to something else than http:";
    case CURLE_PARTIAL_FILE:
        return "the answer was cut off";
    default:
        break;
    }
    std::string text = error[0] != '\0' ? error.data() : curl().easy_strerror(code);
    std::replace_if(
        text.begin(), text.end(), [](char c) { return c < ' ' || c >= 0x7f; }, '?');
    return text;
}

} // namespace

class Downloader::Implementation {
public:
    explicit Implementation(std::size_t parallel)
        : m_parallel(std::max<std::size_t>(parallel, 1)),
          m_per_host(std::max<std::size_t>(m_parallel / 4, 1)) {}
    Implementation(const Implementation&) = delete;
    Implementation& operator=(const Implementation&) = delete;
    ~Implementation() {
        {
            const std::lock_guard lock(m_mutex);
            m_stopping = true;
            wake();
        }
        if (m_thread.joinable()) {
            m_thread.join();
        }
        for (auto& [transfer, owner] : m_transfers) {
            curl().multi_remove_handle(m_multi.get(), transfer->easy.get());
        }
        m_transfers.clear();
    }

    void start(Job job) {
        {
            const std::lock_guard lock(m_mutex);
            m_inbox.push_back(std::move(job));
            wake();
        }
        // The thread comes with the first that there is to do.
        if (!m_thread.joinable()) {
            m_thread = std::thread([this] { run(); });
        }
    }

private:
    struct Queue {
        std::map<std::string, std::deque<Job>> hosts;
        std::string last; // host that had its turn
    };

    void wake();
    void run();
    void serve();
    void refuse(const std::string& why);
    void begin(Job job);
    bool begin_one(Queue& queue);
    void finish(Transfer* transfer, CURLcode code);

    const std::size_t m_parallel;
    const std::size_t m_per_host;
    std::mutex m_mutex; // guards the next three, the first of them for those who wake the thread
    std::unique_ptr<CURLM, MultiRelease> m_multi;
    std::deque<Job> m_inbox;
    bool m_stopping = false;
    std::condition_variable m_asked;
    // Of the thread.
    Queue m_urgent;
    Queue m_patient;
    std::map<Transfer*, std::unique_ptr<Transfer>> m_transfers;
    std::map<std::string, std::size_t> m_hosts;
    std::thread m_thread;
};

void Downloader::Implementation::wake() {
    if (m_multi) {
        curl().multi_wakeup(m_multi.get());
    }
    m_asked.notify_all();
}

void Downloader::Implementation::run() {
    const auto& library = CurlLibrary::get();
    if (!library) {
        return refuse(library.error().text);
    }
    {
        const std::lock_guard lock(m_mutex);
        m_multi.reset(curl().multi_init());
    }
    if (m_multi) {
        serve();
    } else {
        refuse("libcurl cannot start");
    }
}

void Downloader::Implementation::refuse(const std::string& why) {
    std::unique_lock lock(m_mutex);
    for (;;) {
        m_asked.wait(lock, [this] { return m_stopping || !m_inbox.empty(); });
        if (m_stopping) {
            return;
        }
        const auto jobs = std::exchange(m_inbox, {});
        lock.unlock();
        for (const auto& job : jobs) {
            job.done({{}, why});
        }
        lock.lock();
    }
}

void Downloader::Implementation::serve() {
    for (;;) {
        {
            const std::lock_guard lock(m_mutex);
            if (m_stopping) {
                return;
            }
            for (auto& job : m_inbox) {
                auto& queue = job.request.urgent ? m_urgent : m_patient;
                queue.hosts[host_of(job.request.url)].push_back(std::move(job));
            }
            m_inbox.clear();
        }
        while (m_transfers.size() < m_parallel && (begin_one(m_urgent) || begin_one(m_patient))) {
        }
        int running = 0;
        curl().multi_perform(m_multi.get(), &running);
        int left = 0;
        while (const auto* message = curl().multi_info_read(m_multi.get(), &left)) {
            if (message->msg == CURLMSG_DONE) {
                Transfer* transfer = nullptr;
                const auto code = message->data.result;
                curl().easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &transfer);
                finish(transfer, code);
            }
        }
        const bool room =
            m_transfers.size() < m_parallel && !(m_urgent.hosts.empty() && m_patient.hosts.empty());
        curl().multi_poll(m_multi.get(), nullptr, 0,
                          room                  ? 50
                          : m_transfers.empty() ? idle_milliseconds
                                                : 1000,
                          nullptr);
    }
}

// Hosts take turns. At most as many as there are transfers have no place left, so that the search is short.
bool Downloader::Implementation::begin_one(Queue& queue) {
    auto host = queue.hosts.upper_bound(queue.last);
    for (std::size_t i = 0; i < queue.hosts.size(); ++i, ++host) {
        if (host == queue.hosts.end()) {
            host = queue.hosts.begin();
        }
        const auto active = m_hosts.find(host->first);
        if (active != m_hosts.end() && active->second >= m_per_host) {
            continue;
        }
        Job job = std::move(host->second.front());
        host->second.pop_front();
        queue.last = host->first;
        if (host->second.empty()) {
            queue.hosts.erase(host);
        }
        begin(std::move(job));
        return true;
    }
    return false;
}

void Downloader::Implementation::begin(Job job) {
    auto owner = std::make_unique<Transfer>(std::move(job));
    auto* transfer = owner.get();
    if (!transfer->prepare() || curl().multi_add_handle(m_multi.get(), transfer->easy.get()) != CURLM_OK) {
        transfer->job.done({{}, "libcurl cannot start a download"});
        return;
    }
    ++m_hosts[transfer->host];
    m_transfers.emplace(transfer, std::move(owner));
}

void Downloader::Implementation::finish(Transfer* transfer, CURLcode code) {
    const auto found = m_transfers.find(transfer);
    if (found == m_transfers.end()) {
        return;
    }
    const auto owner = std::move(found->second);
    m_transfers.erase(found);
    if (const auto host = m_hosts.find(owner->host); --host->second == 0) {
        m_hosts.erase(host);
    }
    DownloadResult result;
    result.failure = owner->failure(code);
    if (result.failure.empty()) {
        result.octets = std::move(owner->octets);
    }
    curl().multi_remove_handle(m_multi.get(), owner->easy.get());
    owner->job.done(std::move(result));
}

Downloader::Downloader(std::size_t parallel) : m_implementation(std::make_unique<Implementation>(parallel)) {}
Downloader::~Downloader() = default;

void Downloader::start(DownloadRequest request, Done done) {
    m_implementation->start({std::move(request), std::move(done)});
}

} // namespace sendconnector::starttls
