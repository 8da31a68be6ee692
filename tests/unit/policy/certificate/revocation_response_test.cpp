// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/catch.hpp"
#include "tests/unit/policy/certificate/asking.hpp"

#include <functional>
#include <openssl/err.h>
#include <openssl/ocsp.h>
#include <openssl/x509.h>

namespace sendconnector::policy {

namespace {

using namespace std::chrono_literals;
using Catch::Matchers::EndsWith;
using Catch::Matchers::StartsWith;
using test::Identity;
using test::now;
using test::OcspSingle;
using test::OcspSpec;

const Identity& root() {
    static const Identity identity = test::self_signed(test::ca_spec("CN=Contoso Root"));
    return identity;
}

const Identity& server() {
    static const Identity identity = test::issue(with_responder(), root());
    return identity;
}

OcspSpec good() {
    OcspSpec spec;
    spec.singles = {{server(), root()}};
    return spec;
}

std::string with(const std::string& response) {
    return in_words(Asked{server(), root(), {{responder_url, response}}});
}

std::string with(const OcspSpec& spec, const Identity& signer = root()) {
    return with(test::make_ocsp(spec, signer));
}

OcspSpec changed(const std::function<void(OcspSpec&)>& change) {
    auto spec = good();
    change(spec);
    return spec;
}

// One that the root delegates to.
Identity responder(const std::function<void(test::CertificateSpec&)>& change = {}) {
    auto spec = test::responder_spec("CN=Responder");
    if (change) {
        change(spec);
    }
    return test::issue(spec, root());
}

} // namespace

TEST_CASE("A response of the issuer says whether the certificate is revoked", "[revocation][ocsp]") {
    CHECK(with(good()) == "good");
    CHECK_THAT(with(changed([](auto& spec) { spec.singles[0].state = OcspSingle::State::revoked; })),
               StartsWith("revoked on "));
    CHECK_THAT(with(changed([](auto& spec) {
                   spec.singles[0].state = OcspSingle::State::revoked;
                   spec.singles[0].reason = 1;
               })),
               EndsWith("keyCompromise"));
    CHECK(with(changed([](auto& spec) { spec.singles[0].state = OcspSingle::State::unknown; })) ==
          "unknown: the responder does not know the certificate");
    CHECK(with(changed([](auto& spec) { spec.responder_by_key = true; })) == "good");
    CHECK(with(changed([](auto& spec) { spec.singles[0].id_digest = "SHA256"; })) == "good");
    CHECK(with(changed([](auto& spec) { spec.nonce = "0123456789"; })) == "good");
    CHECK(with(changed([](auto& spec) { spec.send_signer = false; })) == "good");
}

TEST_CASE("A staple is held against the same rules", "[revocation][ocsp]") {
    const auto certificate = test::issue(test::server_spec("mail.contoso.com"), root());
    OcspSpec spec;
    spec.singles = {{certificate, root()}};
    const auto status = status_of({certificate, root(), {}, test::make_ocsp(spec, root())});
    REQUIRE(status.findings.size() == 1);
    CHECK(status.findings[0].source == "OCSP staple");
    CHECK(in_words(status) == "good");
    spec.broken_signature = true;
    CHECK(in_words(Asked{certificate, root(), {}, test::make_ocsp(spec, root())}) ==
          "unknown: the signature of the response does not hold");
    CHECK(in_words(Asked{certificate, root(), {}, "garbage"}) == "unknown: not an OCSP response");
}

TEST_CASE("A response that does not hold says nothing, and why", "[revocation][ocsp]") {
    struct Row {
        const char* what;
        std::function<void(OcspSpec&)> change;
        std::string want;
    };
    const auto other = test::issue(with_responder("other.contoso.com"), root());
    const auto namesake = test::self_signed(test::ca_spec("CN=Contoso Root"));
    const std::string null("\x05\x00", 2);
    const std::vector<Row> rows = {
        {"stale", [](auto& spec) { spec.singles[0].next_update = now() - 1s; },
         "offline: the response ran out on "},
        {"over this very second", [](auto& spec) { spec.singles[0].next_update = now(); },
         "offline: the response ran out on "},
        {"no next update", [](auto& spec) { spec.singles[0].next_update.reset(); },
         "unknown: the response names no next update"},
        {"from the future",
         [](auto& spec) {
             spec.singles[0].this_update = now() + 6min;
             spec.produced_at = now() + 4min;
         },
         "unknown: the response is from the future ("},
        {"by a clock that is ahead a little",
         [](auto& spec) { spec.produced_at = spec.singles[0].this_update = now() + 4min; }, "good"},
        {"ends before it begins", [](auto& spec) { spec.singles[0].next_update = now() - 2h; },
         "unknown: the response ends before it begins"},
        {"signed in the future", [](auto& spec) { spec.produced_at = now() + 6min; },
         "unknown: the response was signed in the future ("},
        {"signed before the state was known", [](auto& spec) { spec.produced_at = now() - 48h; },
         "unknown: the response was signed at "},
        {"signed when it was over",
         [](auto& spec) {
             spec.produced_at = now() + 3min;
             spec.singles[0].next_update = now() + 2min;
         },
         "unknown: the response was signed at "},
        {"about another certificate", [&](auto& spec) { spec.singles[0].certificate = other; },
         "unknown: the response is about another certificate"},
        {"about our serial number of a namesake", [&](auto& spec) { spec.singles[0].issuer = namesake; },
         "unknown: the response is about another certificate"},
        {"about a certificate by MD5", [](auto& spec) { spec.singles[0].id_digest = "MD5"; },
         "unknown: the response is about another certificate"},
        {"several answers",
         [&](auto& spec) {
             spec.singles.push_back({other, root()});
         },
         "unknown: the response holds 2 answers instead of one"},
        {"good and revoked",
         [](auto& spec) {
             spec.singles.push_back(spec.singles[0]);
             spec.singles[1].state = OcspSingle::State::revoked;
         },
         "unknown: the response holds 2 answers instead of one"},
        {"no answer", [](auto& spec) { spec.singles.clear(); }, "unknown: the response holds 0 answers"},
        {"an unknown critical extension",
         [&](auto& spec) {
             spec.extra = {{"1.2.3.4", true, null}};
         },
         "unknown: the response holds unknown critical extension 1.2.3.4"},
        {"an unknown critical extension of the answer",
         [&](auto& spec) {
             spec.singles[0].extra = {{"1.2.3.4", true, null}};
         },
         "unknown: the answer holds unknown critical extension 1.2.3.4"},
        {"an unknown extension",
         [&](auto& spec) {
             spec.extra = {{"1.2.3.4", false, null}};
         },
         "good"},
        {"malformedRequest", [](auto& spec) { spec.status = 1; },
         "unknown: the responder answered malformedRequest"},
        {"internalError", [](auto& spec) { spec.status = 2; },
         "unknown: the responder answered internalError"},
        {"tryLater", [](auto& spec) { spec.status = 3; }, "unknown: the responder answered tryLater"},
        {"sigRequired", [](auto& spec) { spec.status = 5; }, "unknown: the responder answered sigRequired"},
        {"unauthorized", [](auto& spec) { spec.status = 6; }, "unknown: the responder answered unauthorized"},
        {"another type of response", [](auto& spec) { spec.response_type = "1.3.6.1.5.5.7.48.1.9"; },
         "unknown: not a basic OCSP response"},
        {"SHA-1", [](auto& spec) { spec.digest = "SHA1"; }, "unknown: the response is signed with "},
        {"broken signature", [](auto& spec) { spec.broken_signature = true; },
         "unknown: the signature of the response does not hold"},
    };
    for (const auto& row : rows) {
        INFO(row.what);
        CHECK_THAT(with(changed(row.change)), StartsWith(row.want));
    }
}

TEST_CASE("What is no response is told as such", "[revocation][ocsp]") {
    const auto response = test::make_ocsp(good(), root());
    CHECK(with("") == "offline: no answer");
    CHECK(with("<html>") == "unknown: not an OCSP response");
    CHECK(with(response + "x") == "unknown: octets after the response");
    CHECK(with(response.substr(0, response.size() - 1)) == "unknown: not an OCSP response");
}

TEST_CASE("The issuer may delegate to a responder", "[revocation][ocsp]") {
    CHECK(with(good(), responder()) == "good");
    CHECK(with(changed([](auto& spec) { spec.responder_by_key = true; }), responder()) == "good");
}

TEST_CASE("A delegated responder that may not speak does not", "[revocation][ocsp]") {
    struct Row {
        const char* what;
        std::function<void(test::CertificateSpec&)> change;
        std::string want;
    };
    const std::vector<Row> rows = {
        {"no extended key usage", [](auto& spec) { spec.extended_key_usage = ""; },
         "may not sign OCSP responses (extendedKeyUsage)"},
        {"any extended key usage", [](auto& spec) { spec.extended_key_usage = "anyExtendedKeyUsage"; },
         "may not sign OCSP responses (extendedKeyUsage)"},
        {"a server", [](auto& spec) { spec.extended_key_usage = "serverAuth"; },
         "may not sign OCSP responses (extendedKeyUsage)"},
        {"key usage", [](auto& spec) { spec.key_usage = "critical,keyEncipherment"; },
         "may not sign responses (keyUsage)"},
        {"an authority",
         [](auto& spec) {
             spec.basic_constraints = "critical,CA:TRUE";
             spec.key_usage = "critical,keyCertSign,cRLSign,digitalSignature";
         },
         "is an authority itself"},
        {"expired", [](auto& spec) { spec.not_after = now() - 1s; }, "is not valid now"},
        {"not valid yet", [](auto& spec) { spec.not_before = now() + 1h; }, "is not valid now"},
        {"SHA-1", [](auto& spec) { spec.digest = "SHA1"; }, "is too weak: it is signed with ecdsa-with-SHA1"},
        {"RSA 1024", [](auto& spec) { spec.key = test::Key::rsa(1024, 9); },
         "is too weak: its RSA key has 1024 bits, and 2048 are the least"},
        {"broken signature", [](auto& spec) { spec.broken_signature = true; },
         "is not issued by \"CN=Contoso Root\""},
        {"an unknown critical extension",
         [](auto& spec) {
             spec.extra = {{"1.2.3.4", true, std::string("\x05\x00", 2)}};
         },
         "has a malformed or unknown critical extension"},
    };
    for (const auto& row : rows) {
        INFO(row.what);
        CHECK(with(good(), responder(row.change)) ==
              "unknown: the responder's certificate \"CN=Responder\" " + row.want);
    }
}

TEST_CASE("A responder of another authority has no say", "[revocation][ocsp]") {
    // Not even of one above, or of one that the issuer made.
    const auto stranger = test::self_signed(test::ca_spec("CN=Contoso Root"));
    const auto below = test::issue(test::ca_spec("CN=Issuing"), root());
    const std::string want =
        "unknown: the responder's certificate \"CN=Responder\" is not issued by \"CN=Contoso Root\"";
    CHECK(with(good(), test::issue(test::responder_spec("CN=Responder"), stranger)) == want);
    CHECK(with(good(), test::issue(test::responder_spec("CN=Responder"), below)) == want);
    CHECK(with(good(), test::self_signed(test::responder_spec("CN=Responder"))) == want);
    CHECK(with(good(), stranger) == "unknown: the signature of the response does not hold");
    CHECK_THAT(with(good(), below), EndsWith("may not sign OCSP responses (extendedKeyUsage)"));
}

TEST_CASE("Nobody vouches for himself", "[revocation][ocsp]") {
    auto spec = with_responder();
    spec.extended_key_usage = "serverAuth,OCSPSigning";
    spec.ocsp_no_check = true;
    const auto certificate = test::issue(spec, root());
    OcspSpec response;
    response.singles = {{certificate, root()}};
    CHECK(in_words(Asked{certificate, root(), {{responder_url, test::make_ocsp(response, certificate)}}}) ==
          "unknown: the responder's certificate \"CN=mail.contoso.com\" vouches for itself");
}

TEST_CASE("A signer that is not sent along may be in the chain that was presented", "[revocation][ocsp]") {
    const auto signer = responder();
    const auto response = test::make_ocsp(changed([](auto& spec) { spec.send_signer = false; }), signer);
    CHECK(with(response) == "unknown: the signer of the response is not known");
    Asked asked{server(), root(), {{responder_url, response}}};
    asked.others = {signer};
    CHECK(in_words(asked) == "good");
}

TEST_CASE("A responder without nocheck must be good itself", "[revocation][ocsp]") {
    const auto without = responder([](auto& spec) { spec.ocsp_no_check = false; });
    CHECK(with(good(), without) == "good"); // it names no source
    Asked strict{server(), root(), {{responder_url, test::make_ocsp(good(), without)}}};
    strict.rules.revocation = Revocation::strict;
    CHECK_THAT(in_words(strict),
               EndsWith("says nowhere whether it is revoked (and not id-pkix-ocsp-nocheck)"));

    // It names the list that the server's certificate names, too.
    auto spec = with_responder();
    spec.crl_distribution_points = "URI:" + list_url;
    const auto certificate = test::issue(spec, root());
    const auto listed = responder([](auto& one) {
        one.ocsp_no_check = false;
        one.crl_distribution_points = "URI:" + list_url;
    });
    OcspSpec response;
    response.singles = {{certificate, root()}};
    Asked asked{certificate, root(), {{responder_url, test::make_ocsp(response, listed)}}};
    CHECK_THAT(in_words(asked), EndsWith("may be revoked itself: CRL " + list_url + ": not fetched"));
    asked.answers[list_url] = test::make_crl({}, root());
    CHECK(in_words(asked) == "good\ngood");
    test::CrlSpec list;
    list.revoked = {{listed.serial(), now() - 1h, "keyCompromise", {}, {}}};
    asked.answers[list_url] = test::make_crl(list, root());
    CHECK_THAT(in_words(asked),
               StartsWith("good\nunknown: the responder's certificate \"CN=Responder\" is revoked"));

    const auto circular = responder([](auto& one) {
        one.ocsp_no_check = false;
        one.authority_info_access = "OCSP;URI:" + responder_url;
    });
    CHECK_THAT(with(good(), circular), EndsWith("has no id-pkix-ocsp-nocheck and no list that can be asked"));
}

TEST_CASE("Hundreds of certificates in a response are not tried", "[revocation][ocsp]") {
    CHECK(with(changed([](auto& spec) { spec.certificates.assign(100, server()); }), responder()) ==
          "unknown: the response carries too many certificates");
}

TEST_CASE("No bit of a response makes a revoked certificate a good one", "[revocation][ocsp]") {
    const auto response = test::make_ocsp(changed([](auto& spec) {
                                              spec.singles[0].state = OcspSingle::State::revoked;
                                              spec.send_signer = false;
                                          }),
                                          root());
    std::size_t good_ones = 0;
    for (std::size_t bit = 0; bit < response.size() * 8; ++bit) {
        auto bent = response;
        bent[bit / 8] = static_cast<char>(bent[bit / 8] ^ (1 << bit % 8));
        good_ones += with(bent) == "good" ? 1U : 0U;
    }
    CHECK(good_ones == 0);
}

TEST_CASE("Sources are named once, with a request about this certificate", "[revocation][ocsp]") {
    auto spec = with_responder();
    spec.authority_info_access =
        "OCSP;URI:http://a.example/,OCSP;URI:http://a.example/,OCSP;URI:https://b.example/,"
        "caIssuers;URI:http://c.example/ca.cer,OCSP;email:ca@contoso.com";
    spec.crl_distribution_points = "URI:" + list_url + ",URI:" + list_url;
    spec.freshest_crl = "URI:" + delta_url;
    spec.must_staple = true;
    const auto certificate = test::issue(spec, root());
    const auto sources = named_sources(certificate_of(certificate), certificate_of(root()));
    REQUIRE(sources.usable.size() == 3);
    CHECK(sources.usable[0].id() == "crl " + list_url);
    CHECK(sources.usable[1].id() == "delta " + delta_url);
    CHECK_THAT(sources.usable[2].id(), StartsWith("ocsp http://a.example/ "));
    CHECK(sources.unusable ==
          std::vector<std::string>{"OCSP https://b.example/: only http: is asked",
                                   "an OCSP responder that is no URL, which cannot be asked"});
    CHECK(sources.must_staple);
    // The responder of the factory understands the request.
    const auto response = test::answer_ocsp(sources.usable[2].request, {{certificate, root()}}, root());
    CHECK_THAT(in_words(Asked{certificate, root(), {{"http://a.example/", response}}}), EndsWith("good"));
}

TEST_CASE("A TLS feature that cannot be read demands a staple", "[revocation][ocsp]") {
    const auto wants = [](const std::string& der) {
        auto spec = test::server_spec("mail.contoso.com");
        spec.extra = {{"1.3.6.1.5.5.7.1.24", false, der}};
        return named_sources(certificate_of(test::issue(spec, root())), certificate_of(root())).must_staple;
    };
    CHECK(wants("\x30\x03\x02\x01\x05"));
    CHECK_FALSE(wants("\x30\x03\x02\x01\x11"));
    CHECK(wants("\x04\x01\x05"));
}

TEST_CASE("Freshness is read without a look at signatures", "[revocation][ocsp]") {
    const RevocationSource responder{RevocationSource::Kind::ocsp, responder_url, "request"};
    const RevocationSource list{RevocationSource::Kind::crl, list_url, ""};
    const auto of_response = freshness(responder, test::make_ocsp(good(), root()));
    REQUIRE(of_response);
    CHECK(of_response->this_update == now() - 1h);
    CHECK(of_response->next_update == now() + 24h);
    test::CrlSpec broken;
    broken.broken_signature = true;
    const auto of_list = freshness(list, test::make_crl(broken, root()));
    REQUIRE(of_list);
    CHECK(of_list->this_update == now() - 1h);
    CHECK(of_list->next_update == now() + 24h);
    CHECK_FALSE(freshness(list, test::make_ocsp(good(), root())));
    CHECK_FALSE(freshness(responder, test::make_crl({}, root())));
    CHECK_FALSE(freshness(responder, ""));
}

TEST_CASE("What strangers send leaves nothing in the error queue", "[revocation][ocsp]") {
    ERR_clear_error();
    with("<html>");
    with(changed([](auto& spec) { spec.broken_signature = true; }));
    const RevocationSource list{RevocationSource::Kind::crl, list_url, ""};
    CHECK_FALSE(freshness(list, "x"));
    CHECK(ERR_peek_error() == 0);
}

TEST_CASE("libcrypto alone would take several answers and unknown critical extensions",
          "[revocation][ocsp]") {
    // Why the responses are judged here: should a later release refuse these, fine; today OCSP_basic_verify()
    // does not.
    const auto verified = [](const OcspSpec& spec) {
        const auto octets = test::make_ocsp(spec, root());
        const auto* position = reinterpret_cast<const unsigned char*>(octets.data());
        OCSP_RESPONSE* response = d2i_OCSP_RESPONSE(nullptr, &position, static_cast<long>(octets.size()));
        OCSP_BASICRESP* basic = OCSP_response_get1_basic(response);
        X509_STORE* store = X509_STORE_new();
        X509_STORE_add_cert(store, root().native());
        const int result = OCSP_basic_verify(basic, nullptr, store, 0);
        X509_STORE_free(store);
        OCSP_BASICRESP_free(basic);
        OCSP_RESPONSE_free(response);
        return result == 1;
    };
    REQUIRE(verified(good()));
    [[maybe_unused]] const std::string null("\x05\x00", 2);
#if OPENSSL_VERSION_NUMBER < 0x30100000L
    CHECK(verified(changed([](auto& spec) { spec.singles.push_back(spec.singles[0]); })));
    CHECK(verified(changed([&](auto& spec) { spec.extra = {{"1.2.3.4", true, null}}; })));
    CHECK(verified(changed([](auto& spec) { spec.produced_at = now() + 24h; })));
    CHECK(verified(changed([](auto& spec) { spec.digest = "SHA1"; })));
#endif
}

} // namespace sendconnector::policy
