// SPDX-License-Identifier: Apache-2.0
// Golden file: after an intended change write it anew, and read the diff:
//     SENDCONNECTOR_UPDATE_GOLDEN=1 BUILD/bin/unit_postfix "[split]"
#include "conf/postfix/split_services.hpp"

#include "conf/postfix/apply.hpp"
#include "conf/postfix/attach.hpp"
#include "conf/postfix/desired.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/conf/postfix/asked_table.hpp"
#include "tests/unit/conf/postfix/private_instance.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <cstdlib>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <netinet/in.h>
#include <sstream>
#include <sys/socket.h>

using namespace sendconnector;
using namespace sendconnector::conf;
using namespace sendconnector::conf::postfix;
using test::check;
using test::connector;
using test::PrivateInstance;
using test::slurp;
using test::spill;
using test::Table;

namespace {

SplitContext context() {
    SplitContext context;
    context.listener = "127.0.0.1:10725";
    context.milter_socket = "sendconnector/milter";
    context.files_directory = "/var/lib/sendconnector/postfix";
    context.smtp_chroot = "y";
    context.smtpd_chroot = "n";
    context.knows_tls_required = context.knows_tls_reports = true;
    return context;
}

std::string shown(const std::vector<SplitService>& services) {
    std::string text;
    for (const SplitService& service : services) {
        std::string entry = service.entry;
        for (std::size_t at = 0; (at = entry.find(" -o ", at)) != std::string::npos; at += 9) {
            entry.replace(at, 1, "\n    ");
        }
        text += entry + "\n";
    }
    return text + split_status_filter().content;
}

policy::SendConnector for_partner() {
    auto made = connector("Partner");
    made.address_spaces = {policy::AddressSpace::parse("partner.example").value()};
    return made;
}

// A port that somebody listens on while this lives.
class TakenPort {
public:
    TakenPort() : m_socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        auto* generic = reinterpret_cast<sockaddr*>(&address);
        REQUIRE(bind(m_socket.get(), generic, size) == 0);
        REQUIRE(listen(m_socket.get(), 1) == 0);
        REQUIRE(getsockname(m_socket.get(), generic, &size) == 0);
        m_port = ntohs(address.sin_port);
    }
    std::uint16_t port() const { return m_port; }
    void close() { m_socket.close(); }

private:
    FileDescriptor m_socket;
    std::uint16_t m_port = 0;
};

std::vector<std::string> texts(const std::vector<Finding>& findings) {
    std::vector<std::string> list;
    for (const Finding& finding : findings) {
        list.push_back(finding.text);
    }
    return list;
}

std::string found(const PrivateInstance& site, Configuration configuration) {
    // Whoever runs the tests may have something at the default.
    configuration.postfix.split_listener = {"127.0.0.1", 0};
    TakenPort port;
    configuration.postfix.split_listener.port = port.port();
    port.close();
    const auto planned = plan(configuration, site.open());
    REQUIRE(planned);
    return fmt::format("{}", fmt::join(texts(planned->findings), "\n"));
}

} // namespace

TEST_CASE("the services that split, as they are written", "[split][golden]") {
    const std::filesystem::path file =
        std::filesystem::path(SENDCONNECTOR_SOURCE_DIR) / "tests/fixtures/postfix/golden/split.txt";
    const std::string text = shown(split_services(context()));
    if (std::getenv("SENDCONNECTOR_UPDATE_GOLDEN") != nullptr) {
        spill(file, text);
    }
    CHECK(text == slurp(file));
    auto older = context();
    older.knows_tls_required = older.knows_tls_reports = false;
    CHECK(shown(split_services(older)).find("tls_required_enable") == std::string::npos);
    CHECK(shown(split_services(older)).find("tlsrpt") == std::string::npos);
}

TEST_CASE("every parameter of the services that split is one that Postfix knows, once", "[split]") {
    const PrivateInstance site;
    auto older = context();
    older.knows_tls_required = older.knows_tls_reports = false;
    for (const SplitService& service : split_services(older)) {
        CAPTURE(service.name);
        std::vector<std::string> names;
        std::istringstream entry(service.entry);
        for (std::string word, last; entry >> word; last = word) {
            if (last == "-o") {
                word.erase(0, word.starts_with('{') ? 1 : 0);
                names.push_back(word.substr(0, word.find('=')));
            }
        }
        REQUIRE(names.size() > 10);
        const Values known = site.open().parameters(names).value();
        for (const std::string& name : names) {
            CAPTURE(name);
            CHECK(known.contains(name));
            CHECK(std::count(names.begin(), names.end(), name) == 1);
        }
    }
}

TEST_CASE("only the milter's own verdicts bounce on the inner hop", "[split]") {
    check(
        Table("regexp", split_status_filter().content),
        {{"5.3.4 host 127.0.0.1[127.0.0.1] said: 552 5.3.4 sendconnector: too large (in reply to end of DATA "
          "command)",
          "5.3.4 host 127.0.0.1[127.0.0.1] said: 552 5.3.4 sendconnector: too large (in reply to end of DATA "
          "command)"},
         {"5.7.1 host 127.0.0.1[127.0.0.1] said: 550 5.7.1 sendconnector: no (in reply to RCPT TO command)",
          "5.7.1 host 127.0.0.1[127.0.0.1] said: 550 5.7.1 sendconnector: no (in reply to RCPT TO command)"},
         {"5.7.1 host 127.0.0.1[127.0.0.1] said: 554 5.7.1 <x>: Recipient address rejected: Access denied",
          "4.7.1 host 127.0.0.1[127.0.0.1] said: 554 5.7.1 <x>: Recipient address rejected: Access denied"},
         {"5.0.0 host 127.0.0.1[127.0.0.1] said: 500 sendconnector: x",
          "4.0.0 host 127.0.0.1[127.0.0.1] said: 500 sendconnector: x"},
         {"5.4.6 mail for [127.0.0.1]:10725 loops back to myself",
          "4.4.6 mail for [127.0.0.1]:10725 loops back to myself"},
         {"4.4.1 connect to 127.0.0.1[127.0.0.1]:10725: Connection refused", "(none)"},
         {"2.0.0 said: 250 sendconnector: ", "(none)"}});
}

TEST_CASE("the services that split are there when the policy may need them", "[split]") {
    const PrivateInstance site;
    CHECK(!desired(site.configuration({connector("All")}), site.open())->services.contains("sc-split"));
    auto configuration = site.configuration({for_partner()});
    const auto wanted = desired(configuration, site.open());
    REQUIRE(wanted);
    CHECK(wanted->services.contains("sc-split"));
    CHECK(wanted->services.contains("sc-split_cleanup"));
    CHECK(wanted->services.contains("127.0.0.1:10725/inet"));
    CHECK(wanted->applied.split_listener == "127.0.0.1:10725");
    CHECK(wanted->files.contains("split.status"));
}

TEST_CASE("a listener of somebody else's is found before Postfix meets it", "[split]") {
    const PrivateInstance site;
    TakenPort port;
    auto configuration = site.configuration({for_partner()});
    configuration.postfix.split_listener.port = port.port();
    const auto taken = plan(configuration, site.open());
    REQUIRE(taken);
    CHECK(refuses(taken->findings));
    CHECK(fmt::format("{}", fmt::join(texts(taken->findings), "\n")).find("another program listens on") !=
          std::string::npos);
    port.close();
    CHECK(!refuses(plan(configuration, site.open())->findings));
}

TEST_CASE("settings of the site's own that stand in the way of a split are told", "[split]") {
    struct Row {
        std::string main_cf;
        std::string master_cf;
        std::string want; // part of a finding; empty: none at all
    };
    const std::string behind = "127.0.0.1:10026 inet n - n - - smtpd -o content_filter= ";
    for (const Row& row : std::vector<Row>{
             {"", "", ""},
             {"inet_protocols = ipv6\n", "", "inet_protocols = ipv6"},
             {"default_filter_nexthop = $mydomain\nmydomain = x.example\n", "",
              "default_filter_nexthop = x.example"},
             {"sender_dependent_relayhost_maps = texthash:/x\n", "", "sender_dependent_relayhost_maps"},
             {"sender_dependent_default_transport_maps = texthash:/x\n", "", "it does not count"},
             {"content_filter = scan:[127.0.0.1]:10025\n", "",
              "content_filter = scan:[127.0.0.1]:10025: sendc"},
             {"", "smtpd pass - - n - - smtpd -o smtpd_proxy_filter=127.0.0.1:9\n",
              "smtpd/pass: smtpd_proxy_filter"},
             {"content_filter = scan:\n", behind + "\n", "127.0.0.1:10026/inet takes mail back"},
             {"content_filter = scan:\n",
              behind + "-o milter_macro_daemon_name=sc-reinject -o receive_override_options=no_milters\n",
              "it sets no_milters"},
             {"content_filter = scan:\n",
              behind + "-o milter_macro_daemon_name=sc-reinject -o smtpd_milters=\n",
              "127.0.0.1:10026/inet takes mail back"},
             {"content_filter = scan:\n",
              behind + "-o {smtpd_milters={ unix:sendconnector/milter, default_action=tempfail }} "
                       "-o milter_macro_daemon_name=sc-reinject\n",
              ""}}) {
        CAPTURE(row.main_cf, row.master_cf);
        const PrivateInstance site(row.main_cf, row.master_cf);
        const std::string text = found(site, site.configuration({for_partner()}));
        if (row.want.empty()) {
            CHECK(text.empty());
        } else {
            CHECK(text.find(row.want) != std::string::npos);
        }
        // Where nothing is split nothing of it matters.
        CHECK(texts(plan(site.configuration({connector("All")}), site.open())->findings).empty());
    }
}
