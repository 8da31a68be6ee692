// SPDX-License-Identifier: Apache-2.0
// OCSP responses in every state (RFC 6960), fetched and stapled.
#include "tests/fault_host/catalogue.hpp"
#include "tests/pki/crl.hpp"
#include "tests/pki/ocsp.hpp"

namespace sendconnector::fault_host {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;
using test::ca_spec;
using test::Identity;
using test::issue;
using test::make_ocsp;
using test::now;
using test::OcspSingle;
using test::OcspSpec;
using test::responder_spec;
using test::self_signed;
using Manner = Page::Manner;

const std::string kind = "certificate: OCSP";
const std::string offline = "RevocationOffline";
const std::string unknown = "RevocationUnknown or RevocationOffline";

class Responders {
public:
    explicit Responders(Catalogue& catalogue) : m_all(catalogue) {}

    // `fill` gives the page, knowing the certificate it is about.
    Scenario& add(const std::string& name, const std::string& reason,
                  const std::function<Page(const Identity& server)>& fill) {
        const std::string path = "ocsp" + std::to_string(++m_count);
        auto spec = m_all.server();
        spec.authority_info_access = "OCSP;URI:" + m_all.web.url(path);
        const auto server = issue(spec, m_all.root);
        Page page = fill(server);
        page.type = "application/ocsp-response";
        m_all.web.publish(path, std::move(page));
        return m_all.add_chain(kind, name, wrong_certificate(reason), {server});
    }
    // A response that `change` makes faulty, signed by the authority itself.
    Scenario& response(const std::string& name, const std::string& reason,
                       const std::function<void(OcspSpec&, OcspSingle&)>& change) {
        return signed_by(name, reason, m_all.root, change);
    }
    Scenario& signed_by(const std::string& name, const std::string& reason, const Identity& signer,
                        const std::function<void(OcspSpec&, OcspSingle&)>& change) {
        return add(name, reason, [&](const Identity& server) {
            OcspSpec spec;
            OcspSingle single{server, m_all.root};
            change(spec, single);
            spec.singles.insert(spec.singles.begin(), single);
            Page page;
            page.body = make_ocsp(spec, signer);
            return page;
        });
    }
    // No answer to the question: `code` is the responseStatus.
    void status(const std::string& name, int code) {
        response(name, unknown, [code](OcspSpec& spec, OcspSingle&) { spec.status = code; });
    }

private:
    Catalogue& m_all;
    int m_count = 0;
};

void states(Responders& responders) {
    responders.response("revoked by OCSP", "Revoked", [](OcspSpec&, OcspSingle& single) {
        single.state = OcspSingle::State::revoked;
        single.reason = 1;
    });
    responders.response("not known to the responder", "RevocationUnknown",
                        [](OcspSpec&, OcspSingle& single) { single.state = OcspSingle::State::unknown; });
    responders.status("responder: malformedRequest", 1);
    responders.status("responder: internalError", 2);
    responders.status("responder: tryLater", 3);
    responders.status("responder: sigRequired", 5);
    responders.status("responder: unauthorized", 6);
}

void dates(Responders& responders) {
    responders.response("response out of date", offline, [](OcspSpec& spec, OcspSingle& single) {
        spec.produced_at = now() - 48h;
        single.this_update = now() - 48h;
        single.next_update = now() - 1h;
    });
    responders.response("response from the future", unknown, [](OcspSpec& spec, OcspSingle& single) {
        spec.produced_at = now() + 24h;
        single.this_update = now() + 24h;
        single.next_update = now() + 48h;
    });
    responders.response("response without nextUpdate, a month old", unknown,
                        [](OcspSpec& spec, OcspSingle& single) {
                            spec.produced_at = now() - 720h;
                            single.this_update = now() - 720h;
                            single.next_update.reset();
                        });
    responders.response("response produced before what it tells", unknown,
                        [](OcspSpec& spec, OcspSingle&) { spec.produced_at = now() - 9000h; });
}

void unbelievable(Catalogue& all, Responders& responders) {
    const auto as_it_is = [](OcspSpec&, OcspSingle&) {};
    responders.response("response with a broken signature", unknown,
                        [](OcspSpec& spec, OcspSingle&) { spec.broken_signature = true; });
    responders.signed_by("response of another authority", unknown, self_signed(ca_spec("CN=Other Authority")),
                         as_it_is);
    responders.signed_by("response signed by the server's certificate of a neighbour", unknown, all.good,
                         as_it_is);
    auto not_for_ocsp = responder_spec("CN=Not for OCSP");
    not_for_ocsp.extended_key_usage = "serverAuth";
    responders.signed_by("responder's certificate not for OCSP", unknown, issue(not_for_ocsp, all.root),
                         as_it_is);
    auto expired = responder_spec("CN=Expired Responder");
    expired.not_after = now() - 1h;
    responders.signed_by("responder's certificate expired", unknown, issue(expired, all.root), as_it_is);
    const auto other = self_signed(ca_spec("CN=Authority of Another Responder"));
    responders.signed_by("responder of another authority", unknown,
                         issue(responder_spec("CN=Other Responder"), other), as_it_is);
    responders.response("response about another certificate", "RevocationUnknown",
                        [&](OcspSpec&, OcspSingle& single) { single.certificate = all.good; });
    responders.response("two answers, good and revoked", "Revoked or RevocationUnknown",
                        [](OcspSpec& spec, OcspSingle& single) {
                            OcspSingle second = single;
                            second.state = OcspSingle::State::revoked;
                            spec.singles.push_back(second);
                        });
    responders.response("response with an unknown critical extension", unknown,
                        [](OcspSpec& spec, OcspSingle&) {
                            spec.extra = {{"1.3.6.1.4.1.55555.3", true, "\x05\x00"s}};
                        });
    responders.response("answer with an unknown critical extension", unknown,
                        [](OcspSpec&, OcspSingle& single) {
                            single.extra = {{"1.3.6.1.4.1.55555.3", true, "\x05\x00"s}};
                        });
    responders.response("response of an unknown type", unknown,
                        [](OcspSpec& spec, OcspSingle&) { spec.response_type = "1.3.6.1.4.1.55555.4"; });
}

void served(Catalogue& all, Responders& responders) {
    const auto page = [&](const std::string& name, const std::function<void(Page&)>& change) {
        responders.add(name, unknown, [&](const Identity& server) {
            Page good;
            good.body = test::ocsp_good(server, all.root);
            change(good);
            return good;
        });
    };
    page("responder answers garbage", [](Page& one) { one.body = "no such responder"; });
    page("responder answers nothing", [](Page& one) { one.body.clear(); });
    page("responder: 503", [](Page& one) { one.status = "503 Service Unavailable"; });
    page("responder never answers", [](Page& one) { one.manner = Manner::silent; });
    page("responder drips", [](Page& one) { one.manner = Manner::dripping; });
    page("responder hangs up half way", [](Page& one) { one.manner = Manner::cut; });
    auto spec = all.server();
    spec.authority_info_access = "OCSP;URI:" + all.web.dead_url("ocsp");
    all.add_chain(kind, "nobody listens at the responder's address", wrong_certificate(offline),
                  {issue(spec, all.root)});
}

void staples(Catalogue& all) {
    const auto stapled = [&](const std::string& name, const std::string& reason, const Identity& server,
                             std::string response) {
        TlsSettings settings;
        settings.chain = {server};
        settings.staple = std::move(response);
        all.add_tls("certificate: OCSP staple", name, wrong_certificate(reason), std::move(settings));
    };
    const auto with = [&](const Identity& server, const std::function<void(OcspSpec&, OcspSingle&)>& change) {
        OcspSpec spec;
        OcspSingle single{server, all.root};
        change(spec, single);
        spec.singles = {single};
        return make_ocsp(spec, all.root);
    };
    auto spec = all.server();
    const auto plain = issue(spec, all.root);
    stapled("staple says revoked", "Revoked", plain, test::ocsp_revoked(plain, all.root));
    spec.must_staple = true;
    const auto server = issue(spec, all.root);
    const std::string missing = "MustStaple or Revocation";
    stapled("must-staple, nothing stapled", "MustStaple", server, "");
    stapled("must-staple, revoked", "Revoked", server, test::ocsp_revoked(server, all.root));
    stapled("must-staple, garbage", missing, server, "garbage");
    stapled("must-staple, out of date", missing, server, with(server, [](OcspSpec& one, OcspSingle& single) {
                one.produced_at = now() - 48h;
                single.this_update = now() - 48h;
                single.next_update = now() - 1h;
            }));
    stapled("must-staple, about another certificate", missing, server, test::ocsp_good(all.good, all.root));
    stapled("must-staple, broken signature", missing, server,
            with(server, [](OcspSpec& one, OcspSingle&) { one.broken_signature = true; }));
    stapled("must-staple, responder says tryLater", missing, server,
            with(server, [](OcspSpec& one, OcspSingle&) { one.status = 3; }));
}

} // namespace

void add_ocsp_scenarios(Catalogue& all) {
    Responders responders(all);
    states(responders);
    dates(responders);
    unbelievable(all, responders);
    served(all, responders);
    staples(all);
}

} // namespace sendconnector::fault_host
