// SPDX-License-Identifier: Apache-2.0
// DnsQueries: a handful of DNS queries over sockets of their own (c-ares), in the context's thread. DNS only:
// no hosts file, no search list.
#pragma once

#include "policy/result.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

struct ares_channeldata;

namespace sendconnector::starttls {

// Three outcomes, never two.
enum class DnsOutcome { found, none, failed };

struct MxRecord {
    int preference = 0;
    std::string host; // empty: "null MX" (RFC 7505)
};

template <class Record>
struct DnsAnswer {
    DnsOutcome outcome = DnsOutcome::failed;
    std::string reason; // unless found: "no such name", "no name server answered in time"
    std::vector<Record> records;
};

class DnsQueries : public std::enable_shared_from_this<DnsQueries> {
public:
    enum class Family { ipv4, ipv6 };
    using MxDone = std::function<void(DnsAnswer<MxRecord>)>;
    using AddressDone = std::function<void(DnsAnswer<boost::asio::ip::address>)>;

    // `name_servers` as in Resolver::Settings.
    static Result<std::shared_ptr<DnsQueries>> open(boost::asio::io_context& context,
                                                    const std::vector<std::string>& name_servers);
    DnsQueries(const DnsQueries&) = delete;
    DnsQueries& operator=(const DnsQueries&) = delete;
    ~DnsQueries();

    // May call `done` before it returns; never after close().
    void mx(const std::string& name, MxDone done);
    void addresses(const std::string& name, Family family, AddressDone done);
    // Not from within a `done`.
    void close();

private:
    struct Watched;
    struct Query;
    using Parse = std::function<void(int status, const unsigned char* answer, int size)>;

    explicit DnsQueries(boost::asio::io_context& context) : m_context(context), m_timer(context) {}
    void ask(const std::string& name, int type, Parse parse);
    static void answered(void* query, int status, int timeouts, unsigned char* answer, int size);
    static void socket_changed(void* self, int descriptor, int readable, int writable);
    void watch(int descriptor, bool readable, bool writable);
    void wait_for(const std::shared_ptr<Watched>& watched);
    void process(int readable, int writable);
    void set_timer();

    boost::asio::io_context& m_context;
    boost::asio::steady_timer m_timer;
    std::map<int, std::shared_ptr<Watched>> m_watched;
    ares_channeldata* m_channel = nullptr;
};

} // namespace sendconnector::starttls
