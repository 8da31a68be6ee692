// SPDX-License-Identifier: Apache-2.0
// Newer releases of c-ares deprecate what this needs in favour of what older ones lack.
#define CARES_NO_DEPRECATED

#include "milter/starttls/resolver_dns.hpp"

#include <algorithm>
#include <ares.h>
#include <array>
#include <cstring>
#include <fmt/format.h>
#include <sys/time.h>

namespace sendconnector::starttls {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

constexpr int class_in = 1;
constexpr int type_a = 1;
constexpr int type_mx = 15;
constexpr int type_aaaa = 28;
constexpr int most_addresses = 256; // of one answer

constexpr int first_try_milliseconds = 2500;
constexpr int tries = 4;

// Older releases of c-ares take brackets only before a port.
std::string server_list(const std::vector<std::string>& name_servers) {
    std::string list;
    for (const std::string_view server : name_servers) {
        const bool is_bracketed = server.starts_with('[') && server.ends_with(']');
        list += list.empty() ? "" : ",";
        list += is_bracketed ? server.substr(1, server.size() - 2) : server;
    }
    return list;
}

struct Failure {
    DnsOutcome outcome;
    std::string reason;
};

Failure failure(int status) {
    switch (status) {
    case ARES_ENOTFOUND:
        return {DnsOutcome::none, "no such name"};
    case ARES_ENODATA:
        return {DnsOutcome::none, "no such record"};
    case ARES_EBADNAME:
        return {DnsOutcome::none, "not a domain name"};
    case ARES_ETIMEOUT:
        return {DnsOutcome::failed, "no name server answered in time"};
    case ARES_ECONNREFUSED:
        return {DnsOutcome::failed, "no name server could be reached, or none would answer"};
    case ARES_ESERVFAIL:
        return {DnsOutcome::failed, "the name server failed (SERVFAIL)"};
    case ARES_EREFUSED:
        return {DnsOutcome::failed, "the name server refused (REFUSED)"};
    case ARES_EBADRESP:
    case ARES_EFORMERR:
        return {DnsOutcome::failed, "the name server's answer is malformed"};
    default:
        return {DnsOutcome::failed, ares_strerror(status)};
    }
}

template <class Record>
DnsAnswer<Record> unless_found(int status) {
    auto [outcome, reason] = failure(status);
    return {outcome, std::move(reason), {}};
}

DnsAnswer<MxRecord> mx_records(int status, const unsigned char* answer, int size) {
    ares_mx_reply* list = nullptr;
    if (status == ARES_SUCCESS) {
        status = ares_parse_mx_reply(answer, size, &list);
    }
    if (status != ARES_SUCCESS) {
        return unless_found<MxRecord>(status);
    }
    DnsAnswer<MxRecord> found{DnsOutcome::found, {}, {}};
    for (const auto* one = list; one != nullptr; one = one->next) {
        found.records.push_back({one->priority, one->host != nullptr ? one->host : ""});
    }
    ares_free_data(list);
    return found.records.empty() ? unless_found<MxRecord>(ARES_ENODATA) : found;
}

DnsAnswer<asio::ip::address> address_records(DnsQueries::Family family, int status,
                                             const unsigned char* answer, int size) {
    DnsAnswer<asio::ip::address> found{DnsOutcome::found, {}, {}};
    int count = most_addresses;
    if (status == ARES_SUCCESS && family == DnsQueries::Family::ipv4) {
        std::array<ares_addrttl, most_addresses> records{};
        status = ares_parse_a_reply(answer, size, nullptr, records.data(), &count);
        for (int i = 0; status == ARES_SUCCESS && i < count; ++i) {
            const auto& octets = records[static_cast<std::size_t>(i)].ipaddr;
            asio::ip::address_v4::bytes_type bytes;
            std::memcpy(bytes.data(), &octets, bytes.size());
            found.records.push_back(asio::ip::address_v4(bytes));
        }
    } else if (status == ARES_SUCCESS) {
        std::array<ares_addr6ttl, most_addresses> records{};
        status = ares_parse_aaaa_reply(answer, size, nullptr, records.data(), &count);
        for (int i = 0; status == ARES_SUCCESS && i < count; ++i) {
            const auto& octets = records[static_cast<std::size_t>(i)].ip6addr;
            asio::ip::address_v6::bytes_type bytes;
            std::memcpy(bytes.data(), &octets, bytes.size());
            found.records.push_back(asio::ip::address_v6(bytes));
        }
    }
    if (status != ARES_SUCCESS) {
        return unless_found<asio::ip::address>(status);
    }
    return found.records.empty() ? unless_found<asio::ip::address>(ARES_ENODATA) : found;
}

} // namespace

// A socket of c-ares: borrowed, never closed here.
struct DnsQueries::Watched {
    explicit Watched(asio::io_context& context) : descriptor(context) {}
    Watched(const Watched&) = delete;
    Watched& operator=(const Watched&) = delete;
    ~Watched() { release(); }
    void release() {
        if (descriptor.is_open()) {
            descriptor.release();
        }
    }

    asio::posix::stream_descriptor descriptor;
    bool wants_read = false;
    bool wants_write = false;
    bool reading = false;
    bool writing = false;
};

struct DnsQueries::Query {
    Parse parse;
};

Result<std::shared_ptr<DnsQueries>> DnsQueries::open(asio::io_context& context,
                                                     const std::vector<std::string>& name_servers) {
    std::shared_ptr<DnsQueries> queries(new DnsQueries(context));
    ares_options options{};
    options.flags = ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES | ARES_FLAG_EDNS;
    options.timeout = first_try_milliseconds;
    options.tries = tries;
    options.ednspsz = 1232;
    options.sock_state_cb = socket_changed;
    options.sock_state_cb_data = queries.get();
    int which =
        ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_EDNSPSZ | ARES_OPT_SOCK_STATE_CB;
#ifdef ARES_OPT_QUERY_CACHE
    // What the administrator corrected must be seen by the next try.
    options.qcache_max_ttl = 0;
    which |= ARES_OPT_QUERY_CACHE;
#endif
    if (const int status = ares_init_options(&queries->m_channel, &options, which); status != ARES_SUCCESS) {
        queries->m_channel = nullptr;
        return fail(fmt::format("no DNS: {}", ares_strerror(status)));
    }
    if (!name_servers.empty()) {
        const auto list = server_list(name_servers);
        const int status = ares_set_servers_ports_csv(queries->m_channel, list.c_str());
        if (status != ARES_SUCCESS) {
            return fail(fmt::format("no DNS: the name servers \"{}\" cannot be used: {}", list,
                                    ares_strerror(status)));
        }
    }
    return queries;
}

DnsQueries::~DnsQueries() {
    close();
}

void DnsQueries::close() {
    m_timer.cancel();
    for (const auto& [descriptor, watched] : m_watched) {
        watched->release(); // a wait that is under way keeps it
    }
    m_watched.clear();
    if (m_channel != nullptr) {
        ares_destroy(std::exchange(m_channel, nullptr));
    }
}

void DnsQueries::mx(const std::string& name, MxDone done) {
    ask(name, type_mx, [done = std::move(done)](int status, const unsigned char* answer, int size) {
        done(mx_records(status, answer, size));
    });
}

void DnsQueries::addresses(const std::string& name, Family family, AddressDone done) {
    ask(name, family == Family::ipv4 ? type_a : type_aaaa,
        [family, done = std::move(done)](int status, const unsigned char* answer, int size) {
            done(address_records(family, status, answer, size));
        });
}

void DnsQueries::ask(const std::string& name, int type, Parse parse) {
    ares_query(m_channel, name.c_str(), class_in, type, answered, new Query{std::move(parse)});
    set_timer();
}

void DnsQueries::answered(void* handed, int status, int, unsigned char* answer, int size) {
    const std::unique_ptr<Query> query(static_cast<Query*>(handed));
    if (status == ARES_EDESTRUCTION || status == ARES_ECANCELLED) {
        return;
    }
    try {
        query->parse(status, answer, size);
    } catch (...) {
        // Out of memory. It must not cross c-ares; the look-up's own time ends what waits for this.
    }
}

void DnsQueries::socket_changed(void* self, int descriptor, int readable, int writable) {
    try {
        static_cast<DnsQueries*>(self)->watch(descriptor, readable != 0, writable != 0);
    } catch (...) {
        // Not watched, it is as a name server that does not answer.
    }
}

void DnsQueries::watch(int descriptor, bool readable, bool writable) {
    const auto known = m_watched.find(descriptor);
    if (!readable && !writable) {
        if (known != m_watched.end()) {
            known->second->release();
            m_watched.erase(known);
        }
        return;
    }
    if (m_channel == nullptr) {
        return;
    }
    auto watched = known != m_watched.end() ? known->second : std::make_shared<Watched>(m_context);
    if (known == m_watched.end()) {
        watched->descriptor.assign(descriptor);
        m_watched.emplace(descriptor, watched);
    }
    watched->wants_read = readable;
    watched->wants_write = writable;
    wait_for(watched);
}

void DnsQueries::wait_for(const std::shared_ptr<Watched>& watched) {
    const auto wait = [&](bool Watched::*wanted, bool Watched::*pending, bool is_read) {
        if (!(*watched.*wanted) || *watched.*pending) {
            return;
        }
        *watched.*pending = true;
        watched->descriptor.async_wait(
            is_read ? asio::posix::descriptor_base::wait_read : asio::posix::descriptor_base::wait_write,
            [weak = weak_from_this(), watched, wanted, pending, is_read](error_code error) {
                *watched.*pending = false;
                const auto self = weak.lock();
                if (!self || error || !watched->descriptor.is_open()) {
                    return;
                }
                if (*watched.*wanted) {
                    const int descriptor = watched->descriptor.native_handle();
                    self->process(is_read ? descriptor : ARES_SOCKET_BAD,
                                  is_read ? ARES_SOCKET_BAD : descriptor);
                }
                if (watched->descriptor.is_open()) {
                    self->wait_for(watched);
                }
            });
    };
    wait(&Watched::wants_read, &Watched::reading, true);
    wait(&Watched::wants_write, &Watched::writing, false);
}

void DnsQueries::process(int readable, int writable) {
    if (m_channel != nullptr) {
        ares_process_fd(m_channel, readable, writable);
        set_timer();
    }
}

void DnsQueries::set_timer() {
    timeval left{};
    if (m_channel == nullptr || ares_timeout(m_channel, nullptr, &left) == nullptr) {
        m_timer.cancel();
        return;
    }
    m_timer.expires_after(std::chrono::seconds(left.tv_sec) + std::chrono::microseconds(left.tv_usec) +
                          std::chrono::milliseconds(1));
    m_timer.async_wait([weak = weak_from_this()](error_code error) {
        if (const auto self = weak.lock(); self && !error) {
            self->process(ARES_SOCKET_BAD, ARES_SOCKET_BAD);
        }
    });
}

} // namespace sendconnector::starttls
