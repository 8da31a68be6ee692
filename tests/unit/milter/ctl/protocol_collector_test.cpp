// SPDX-License-Identifier: Apache-2.0
#include "milter/ctl/protocol_collector.hpp"
#include "milter/ctl/protocol_log_tail.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/milter/support/temporary_directory.hpp"

#include <fcntl.h>
#include <fstream>
#include <iterator>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <thread>

using namespace sendconnector;
using namespace sendconnector::ctl;
using conf::postfix::FileDescriptor;
using sendconnector::test::TemporaryDirectory;

namespace {

sockaddr_un address_of(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::copy(path.begin(), path.end(), address.sun_path);
    return address;
}

// postlogd(8), or syslog.
class Listener {
public:
    explicit Listener(const std::string& path) : m_socket(::socket(AF_UNIX, SOCK_DGRAM, 0)) {
        const sockaddr_un address = address_of(path);
        REQUIRE(::bind(m_socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0);
    }
    // All datagrams, until none comes for a while.
    std::vector<std::string> heard() const {
        std::vector<std::string> texts;
        pollfd one{m_socket.get(), POLLIN, 0};
        while (::poll(&one, 1, 300) > 0) {
            std::string text(8192, '\0');
            text.resize(static_cast<std::size_t>(::recv(m_socket.get(), text.data(), text.size(), 0)));
            texts.push_back(text);
        }
        return texts;
    }

private:
    FileDescriptor m_socket;
};

// A collector in a thread of its own.
class Running {
public:
    Running(const TemporaryDirectory& folder, std::vector<std::string>& complaints) {
        int ends[2];
        REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
        m_stop = FileDescriptor(ends[1]);
        auto socket = CollectorSocket::open(folder / "protocol-log");
        REQUIRE(socket);
        m_collector = std::make_unique<ProtocolCollector>(
            std::move(*socket), MailLogForwarder::Target{folder / "postlog", false, 2}, folder / "log",
            [](std::string_view slug) { return "Connector " + std::string(slug); },
            [&complaints](const std::string& text) { complaints.push_back(text); });
        m_thread = std::thread([this, end = FileDescriptor(ends[0])] { m_collector->run(end.get()); });
    }
    Running(const Running&) = delete;
    Running& operator=(const Running&) = delete;
    ~Running() {
        m_stop.close(); // the other end becomes readable
        m_thread.join();
    }

private:
    FileDescriptor m_stop;
    std::unique_ptr<ProtocolCollector> m_collector;
    std::thread m_thread;
};

void say(const TemporaryDirectory& folder, std::initializer_list<const char*> texts) {
    const FileDescriptor socket(::socket(AF_UNIX, SOCK_DGRAM, 0));
    const sockaddr_un address = address_of(folder / "protocol-log");
    REQUIRE(::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0);
    for (const char* text : texts) {
        const std::string line = std::string("Nov 23 10:00:00 mx postfix/good/smtp[7]: ") + text;
        REQUIRE(::send(socket.get(), line.data(), line.size(), 0) == static_cast<ssize_t>(line.size()));
    }
}

std::vector<mail_log::SendLogRow> rows(const TemporaryDirectory& folder) {
    std::vector<mail_log::SendLogRow> list;
    ProtocolLogTail tail(folder / "log");
    REQUIRE(tail.read([&](const mail_log::SendLogRow& row) { list.push_back(row); }));
    return list;
}

std::string everything_in(const std::filesystem::path& folder) {
    std::string text;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
        if (entry.is_regular_file()) {
            std::ifstream file(entry.path(), std::ios::binary);
            text.append(std::istreambuf_iterator<char>(file), {});
        }
    return text;
}

} // namespace

TEST_CASE("collector: conversations to the protocol log, the rest to the mail log, secrets to neither") {
    const TemporaryDirectory folder;
    std::filesystem::create_directory(folder / "log");
    const Listener mail_log(folder / "postlog");
    std::vector<std::string> complaints;
    {
        const Running collector(folder, complaints);
        say(folder,
            {"smtp_connect_addr: trying: mx[192.0.2.1] port 25...", "< mx[192.0.2.1]:25: 220 mx ESMTP",
             "smtp_sasl_passwd_lookup: host `mx' user `anna' pass `open sesame'",
             "xsasl_cyrus_client_first: uncoded initial reply: \\000anna\\000open sesame",
             "> mx[192.0.2.1]:25: AUTH PLAIN AGFubmEAb3BlbiBzZXNhbWU=",
             "< mx[192.0.2.1]:25: 535 not open sesame",
             "4jYC3p4JMMz1hJZL: to=<a@b>, relay=mx[192.0.2.1]:25, delay=1, dsn=4.7.8, status=deferred (said "
             "open sesame)",
             "warning: something", "name_mask: software"});
    }
    CHECK(complaints.empty());
    const auto found = rows(folder);
    REQUIRE(found.size() == 7);
    CHECK(found[0].connector == "Connector good");
    CHECK(found[3].data == "AUTH PLAIN <authentication response>");
    CHECK(found.back().event == '-');
    CHECK(everything_in(folder / "").find("sesame") == std::string::npos);
    CHECK(everything_in(folder / "").find("AGFubmEA") == std::string::npos);
    CHECK(mail_log.heard() ==
          std::vector<std::string>{
              "Nov 23 10:00:00 mx postfix/good/smtp[7]: 4jYC3p4JMMz1hJZL: to=<a@b>, relay=mx[192.0.2.1]:25, "
              "delay=1, dsn=4.7.8, status=deferred (<text left out>)",
              "Nov 23 10:00:00 mx postfix/good/smtp[7]: warning: something"});
}

TEST_CASE("collector: a restart loses nothing, writes nothing twice, and gives no number twice") {
    const TemporaryDirectory folder;
    std::filesystem::create_directory(folder / "log");
    const Listener mail_log(folder / "postlog");
    std::vector<std::string> complaints;
    {
        const Running collector(folder, complaints);
        say(folder, {"smtp_connect_addr: trying: mx[192.0.2.1] port 25...",
                     "< mx[192.0.2.1]:25: 220 mx ESMTP", "> mx[192.0.2.1]:25: AUTH LOGIN"});
    }
    {
        const Running collector(folder, complaints);
        say(folder, {"> mx[192.0.2.1]:25: b3BlbiBzZXNhbWU=", "name_mask: software"});
    }
    const auto found = rows(folder);
    REQUIRE(found.size() == 8);
    CHECK(found[3].data == "AUTH LOGIN");
    CHECK(found[4].session > found[3].session);
    CHECK(found[6].data == "<authentication response>");
    CHECK(found[7].event == '-');
    CHECK(complaints.empty());
}

TEST_CASE("collector: a folder that cannot be written to is complained of once, and stops nothing") {
    const TemporaryDirectory folder;
    const Listener mail_log(folder / "postlog");
    std::vector<std::string> complaints;
    {
        const Running collector(folder, complaints);
        say(folder, {"smtp_connect_addr: trying: mx[192.0.2.1] port 25...", "warning: one"});
        CHECK(mail_log.heard().size() == 1);
        say(folder, {"smtp_connect_addr: trying: mx[192.0.2.1] port 25...", "warning: two"});
        CHECK(mail_log.heard().size() == 1);
    }
    CHECK(complaints.size() == 1);
}

TEST_CASE("collector: there is one only") {
    const TemporaryDirectory folder;
    CHECK_FALSE(is_listened_to(folder / "protocol-log"));
    const auto first = CollectorSocket::open(folder / "protocol-log");
    REQUIRE(first);
    CHECK(is_listened_to(folder / "protocol-log"));
    CHECK_FALSE(CollectorSocket::open(folder / "protocol-log"));
    CHECK_FALSE(CollectorSocket::open(folder / std::string(200, 'x')));
}

TEST_CASE("passed on to syslog: severity, no host") {
    CHECK(syslog_datagram("Nov 23 10:00:00 mx postfix/good/smtp[7]: warning: x: y", 2) ==
          "<20>Nov 23 10:00:00 postfix/good/smtp[7]: warning: x: y");
    CHECK(syslog_datagram("Nov 23 10:00:00 mx postfix/good/smtp[7]: ABCDEF: to=<a>", 16) ==
          "<134>Nov 23 10:00:00 postfix/good/smtp[7]: ABCDEF: to=<a>");
    CHECK(syslog_datagram("Nov 23 10:00:00 mx postfix/good/smtp[7]: fatal: x", 2) ==
          "<18>Nov 23 10:00:00 postfix/good/smtp[7]: fatal: x");
}

TEST_CASE("passed on later, when nobody took it at once") {
    const TemporaryDirectory folder;
    MailLogForwarder forwarder({folder / "postlog", false, 2});
    forwarder.add("one");
    CHECK_FALSE(forwarder.flush());
    {
        const Listener first(folder / "postlog");
        CHECK(forwarder.flush());
        CHECK(first.heard() == std::vector<std::string>{"one"});
    }
    std::filesystem::remove(folder / "postlog");
    forwarder.add("two");
    CHECK_FALSE(forwarder.flush());
    const Listener second(folder / "postlog");
    CHECK(forwarder.flush());
    CHECK(second.heard() == std::vector<std::string>{"two"});
}
