// SPDX-License-Identifier: Apache-2.0
// Revocation lists in every state (RFC 5280 5 and 6.3).
#include "tests/fault_host/catalogue.hpp"
#include "tests/pki/crl.hpp"

namespace sendconnector::fault_host {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;
using test::ca_spec;
using test::CrlSpec;
using test::Identity;
using test::issue;
using test::make_crl;
using test::now;
using test::self_signed;
using Manner = Page::Manner;

const std::string kind = "certificate: CRL";
const std::string offline = "RevocationOffline";
const std::string unknown = "RevocationUnknown or RevocationOffline";

// A server whose certificate names one list; `fill` says what is there, knowing the certificate.
class Lists {
public:
    explicit Lists(Catalogue& catalogue) : m_all(catalogue) {}

    Scenario& add(const std::string& name, const std::string& reason,
                  const std::function<Page(const Identity& server, const std::string& url)>& fill) {
        const std::string file = next_name();
        auto spec = m_all.server();
        spec.crl_distribution_points = "URI:" + m_all.web.url(file);
        const auto server = issue(spec, m_all.root);
        m_all.web.publish(file, fill(server, m_all.web.url(file)));
        return m_all.add_chain(kind, name, wrong_certificate(reason), {server});
    }
    // A list that `change` makes faulty.
    Scenario&
    list(const std::string& name, const std::string& reason,
         const std::function<void(CrlSpec&, const Identity& server, const std::string& url)>& change) {
        return add(name, reason, [&](const Identity& server, const std::string& url) {
            CrlSpec spec;
            change(spec, server, url);
            Page page;
            page.body = make_crl(spec, m_all.root);
            return page;
        });
    }
    // A good list, badly served.
    Scenario& served(const std::string& name, const std::function<void(Page&)>& change) {
        return add(name, offline, [&](const Identity&, const std::string&) {
            Page page;
            page.body = make_crl({}, m_all.root);
            change(page);
            return page;
        });
    }
    // The certificate names `points` (x509v3_config(5)).
    Scenario& named(const std::string& name, const std::string& reason, const std::string& points) {
        auto spec = m_all.server();
        spec.crl_distribution_points = points;
        return m_all.add_chain(kind, name, wrong_certificate(reason), {issue(spec, m_all.root)});
    }
    std::string next_name() { return "list" + std::to_string(++m_count) + ".crl"; }

private:
    Catalogue& m_all;
    int m_count = 0;
};

void revoked(Catalogue& all, Lists& lists) {
    lists.list("revoked", "Revoked", [](CrlSpec& list, const Identity& server, const std::string&) {
        list.revoked = {{server.serial()}};
    });
    lists.list("revoked, on hold", "Revoked", [](CrlSpec& list, const Identity& server, const std::string&) {
        list.revoked = {{server.serial(), now() - 1h, "certificateHold"}};
    });
    lists.list("revoked among many", "Revoked",
               [](CrlSpec& list, const Identity& server, const std::string&) {
                   for (int i = 0; i < 2000; ++i) {
                       list.revoked.push_back({std::to_string(100000 + i)});
                   }
                   list.revoked.push_back({server.serial()});
               });
    const auto file = lists.next_name();
    auto spec = ca_spec("CN=Revoked Intermediate");
    spec.crl_distribution_points = "URI:" + all.web.url(file);
    const auto middle = issue(spec, all.root);
    CrlSpec list;
    list.revoked = {{middle.serial()}};
    Page page;
    page.body = make_crl(list, all.root);
    all.web.publish(file, std::move(page));
    all.add_chain(kind, "intermediate revoked", wrong_certificate("Revoked"),
                  {issue(all.server(), middle), middle});

    const auto delta_file = lists.next_name();
    lists.add("revoked by the delta list", "Revoked or RevocationUnknown",
              [&](const Identity& server, const std::string&) {
                  CrlSpec delta;
                  delta.delta_base = "1";
                  delta.number = "2";
                  delta.revoked = {{server.serial()}};
                  Page served;
                  served.body = make_crl(delta, all.root);
                  all.web.publish(delta_file, std::move(served));
                  CrlSpec base;
                  base.freshest_crl = "URI:" + all.web.url(delta_file);
                  Page base_page;
                  base_page.body = make_crl(base, all.root);
                  return base_page;
              });
}

void unavailable(Catalogue& all, Lists& lists) {
    lists.named("nobody listens at the list's address", offline, "URI:" + all.web.dead_url("gone.crl"));
    lists.named("no list there (404)", offline, "URI:" + all.web.url("missing.crl"));
    lists.named("host of the list does not exist", offline, "URI:http://crl.invalid/a.crl");
    lists.named("list by LDAP only", unknown, "URI:ldap://127.0.0.1/cn=list");
    lists.named("list in a file", unknown, "URI:file:///etc/hostname");
    lists.served("server error (500)", [](Page& page) { page.status = "500 Internal Server Error"; });
    lists.served("server never answers", [](Page& page) { page.manner = Manner::silent; });
    lists.served("server drips", [](Page& page) { page.manner = Manner::dripping; });
    lists.served("server never ends", [](Page& page) { page.manner = Manner::endless; });
    lists.served("server hangs up half way", [](Page& page) { page.manner = Manner::cut; });
    lists.served("redirection to a file", [](Page& page) {
        page.status = "302 Found";
        page.headers = "Location: file:///etc/hostname\r\n";
    });
    lists.add("redirection without end", offline, [](const Identity&, const std::string& url) {
        Page page;
        page.status = "302 Found";
        page.headers = "Location: " + url + "\r\n";
        return page;
    });
    all.add_chain(kind, "no source named, revocation = strict", wrong_certificate("RevocationUnknown"),
                  {all.good})
        .settings["revocation"] = "strict";
}

void dates(Lists& lists) {
    lists.list("list out of date", offline, [](CrlSpec& list, const Identity&, const std::string&) {
        list.this_update = now() - 48h;
        list.next_update = now() - 1h;
    });
    lists.list("list from the future", unknown, [](CrlSpec& list, const Identity&, const std::string&) {
        list.this_update = now() + 24h;
        list.next_update = now() + 48h;
    });
    lists.list("list without nextUpdate", unknown,
               [](CrlSpec& list, const Identity&, const std::string&) { list.next_update.reset(); });
}

void unbelievable(Catalogue& all, Lists& lists) {
    lists.add("garbage instead of a list", unknown, [](const Identity&, const std::string&) {
        Page page;
        page.body = "<html>Welcome to the captive portal</html>";
        return page;
    });
    lists.add("empty answer", unknown, [](const Identity&, const std::string&) { return Page{}; });
    lists.list("list with a broken signature", unknown,
               [](CrlSpec& list, const Identity&, const std::string&) { list.broken_signature = true; });
    lists.list("list signed with SHA-1", unknown,
               [](CrlSpec& list, const Identity&, const std::string&) { list.digest = "SHA1"; });
    const auto by = [&](const std::string& name, const Identity& signer) {
        lists.add(name, unknown, [&](const Identity&, const std::string&) {
            Page page;
            page.body = make_crl({}, signer);
            return page;
        });
    };
    by("list of another authority", self_signed(ca_spec("CN=Other Authority")));
    by("list of the right name, signed with another key",
       self_signed(ca_spec("CN=Fault Root, O=Throw-Away")));
    by("list signed by the server itself", all.good);
    lists.list("list with an unknown critical extension", unknown,
               [](CrlSpec& list, const Identity&, const std::string&) {
                   list.extra = {{"1.3.6.1.4.1.55555.2", true, "\x05\x00"s}};
               });
    lists.list(
        "entry with an unknown critical extension", unknown + " or Revoked",
        [](CrlSpec& list, const Identity&, const std::string&) {
            list.revoked = {{"1234", now() - 1h, "", {}, {{"1.3.6.1.4.1.55555.2", true, "\x05\x00"s}}}};
        });
    auto silent = ca_spec("CN=May Not Sign Lists");
    silent.key_usage = "critical,keyCertSign";
    const auto middle = issue(silent, all.root);
    const auto file = lists.next_name();
    auto spec = all.server();
    spec.crl_distribution_points = "URI:" + all.web.url(file);
    Page page;
    page.body = make_crl({}, middle);
    all.web.publish(file, std::move(page));
    all.add_chain(kind, "authority may not sign lists (keyUsage)", wrong_certificate(unknown),
                  {issue(spec, middle), middle});
}

void scope(Catalogue& all, Lists& lists) {
    const auto point = [&](const std::string& name, const std::string& text) {
        lists.list(name, unknown, [&](CrlSpec& list, const Identity&, const std::string&) {
            list.issuing_distribution_point = text;
        });
    };
    point("list for authorities only", "critical,onlyCA:TRUE");
    point("list for attribute certificates only", "critical,onlyAA:TRUE");
    point("list for some reasons only", "critical,onlysomereasons:keyCompromise");
    point("list of another distribution point", "critical,fullname:URI:http://other.example/other.crl");
    lists.list("delta list instead of a full one", unknown,
               [](CrlSpec& list, const Identity&, const std::string&) {
                   list.delta_base = "1";
                   list.number = "2";
               });
    const auto other = self_signed(ca_spec("CN=Indirect Issuer"));
    const auto file = lists.next_name();
    auto spec = all.server();
    spec.crl_distribution_points = "point";
    spec.sections =
        "[point]\nfullname=URI:" + all.web.url(file) + "\nCRLissuer=dirName:who\n[who]\nCN=Indirect Issuer\n";
    CrlSpec list;
    list.issuing_distribution_point = "critical,indirectCRL:TRUE";
    Page page;
    page.body = make_crl(list, other);
    all.web.publish(file, std::move(page));
    all.add_chain(kind, "indirect list of an unknown issuer", wrong_certificate(unknown),
                  {issue(spec, all.root)});
}

} // namespace

void add_crl_scenarios(Catalogue& all) {
    Lists lists(all);
    revoked(all, lists);
    unavailable(all, lists);
    dates(lists);
    unbelievable(all, lists);
    scope(all, lists);
}

} // namespace sendconnector::fault_host
