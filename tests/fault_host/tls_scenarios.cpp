// SPDX-License-Identifier: Apache-2.0
// Faults of TLS: versions, ciphers, the handshake at each of its steps.
#include "tests/fault_host/catalogue.hpp"

#include <openssl/ssl.h>

namespace sendconnector::fault_host {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;

const std::string handshake = "handshake";

// `after` is what follows the 220.
void instead(Catalogue& all, const std::string& name, std::function<Task<>(Session&)> after) {
    Dialogue dialogue;
    dialogue.instead_of_tls = std::move(after);
    all.add_dialogue("TLS: aborted", name, no_tls(handshake), std::move(dialogue));
}

Task<> answer(Session& session, std::string octets) {
    co_await session.read_some();
    co_await session.write(std::move(octets));
    co_await session.hold();
}

void aborted(Catalogue& all) {
    instead(all, "closed after the 220", [](Session& session) -> Task<> {
        session.close();
        co_return;
    });
    instead(all, "reset after the 220", [](Session& session) -> Task<> {
        session.reset();
        co_return;
    });
    instead(all, "silent after the 220", [](Session& session) { return session.hold(); });
    instead(all, "closed at ClientHello", [](Session& session) -> Task<> {
        co_await session.read_some();
        session.close();
    });
    instead(all, "reset at ClientHello", [](Session& session) -> Task<> {
        co_await session.read_some();
        session.reset();
    });
    instead(all, "alert handshake_failure",
            [](Session& session) { return answer(session, "\x15\x03\x03\x00\x02\x02\x28"s); });
    instead(all, "alert internal_error",
            [](Session& session) { return answer(session, "\x15\x03\x03\x00\x02\x02\x50"s); });
    instead(all, "alert protocol_version",
            [](Session& session) { return answer(session, "\x15\x03\x03\x00\x02\x02\x46"s); });
    instead(all, "SMTP goes on in plaintext",
            [](Session& session) { return answer(session, "500 5.5.1 what?\r\n250 ok\r\n"); });
    instead(all, "an HTTP answer", [](Session& session) {
        return answer(session, "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n");
    });
    instead(all, "binary garbage",
            [](Session& session) { return answer(session, std::string(4096, '\xaa')); });
    instead(all, "empty records without end", [](Session& session) -> Task<> {
        co_await session.read_some();
        for (;;) {
            std::string records;
            for (int i = 0; i < 100; ++i) {
                records += "\x16\x03\x03\x00\x00"s;
            }
            co_await session.write(std::move(records));
        }
    });
    instead(all, "a handshake message without end", [](Session& session) -> Task<> {
        co_await session.read_some();
        // ServerHello of 16 MiB, in records of 16 KiB.
        std::string first = "\x16\x03\x03\x40\x00\x02\xff\xff\xff"s + std::string(16'380, '\0');
        co_await session.write(std::move(first));
        for (;;) {
            std::string record = "\x16\x03\x03\x40\x00"s + std::string(16'384, '\0');
            co_await session.write(std::move(record));
        }
    });
}

void tampered(Catalogue& all) {
    const std::string kind = "TLS: aborted";
    const auto with = [&](const std::string& name, Tampering tampering, int version = 0) {
        TlsSettings settings;
        settings.chain = {all.good};
        settings.maximum = version;
        all.add_tls(kind, name, no_tls(handshake), std::move(settings), std::move(tampering));
    };
    Tampering cut;
    cut.cut_after = 3;
    with("closed inside of the first record's head", cut);
    cut.cut_after = 60;
    with("closed inside of ServerHello", cut);
    cut.cut_after = 400;
    with("closed inside of the certificate (TLS 1.2)", cut, TLS1_2_VERSION);
    with("closed inside of the certificate (TLS 1.3)", cut, TLS1_3_VERSION);
    Tampering slow;
    slow.drip = 400ms;
    with("handshake drips", slow);
    // Octets of the certificate, sent in the clear in TLS 1.2: malformed, and its DER in a wrong place.
    Tampering changed;
    changed.change = [](std::string& flight) {
        const auto certificate = flight.find("\x0b", 5 + 60);
        if (certificate != std::string::npos && certificate + 40 < flight.size()) {
            flight.replace(certificate + 14, 16, std::string(16, '\xff'));
        }
    };
    with("certificate is not one (TLS 1.2)", changed, TLS1_2_VERSION);
    // The end of the flight is ServerKeyExchange's signature and ServerHelloDone (9 octets).
    Tampering forged;
    forged.change = [](std::string& flight) { flight[flight.size() - 12] ^= 0x01; };
    with("key exchange signed with another key (TLS 1.2)", forged, TLS1_2_VERSION);
    Tampering last;
    last.change = [](std::string& flight) { flight.back() ^= 0x01; };
    with("last record broken (TLS 1.3)", last, TLS1_3_VERSION);
}

void versions(Catalogue& all) {
    const std::string kind = "TLS: version";
    const auto only = [&](const std::string& name, int minimum, int maximum) {
        TlsSettings settings;
        settings.chain = {all.good};
        settings.minimum = minimum;
        settings.maximum = maximum;
        all.add_tls(kind, name, {"delivered", "queued", "refused handshake", "refused handshake"},
                    std::move(settings));
    };
    only("TLS 1.0 only", TLS1_VERSION, TLS1_VERSION);
    only("TLS 1.1 only", TLS1_1_VERSION, TLS1_1_VERSION);
    only("TLS 1.0 and 1.1 only", TLS1_VERSION, TLS1_1_VERSION);
    instead(all, "answers with SSL 3.0", [](Session& session) {
        // ServerHello with version 3.0, no session, TLS_RSA_WITH_AES_128_CBC_SHA.
        return answer(session, "\x16\x03\x00\x00\x2a\x02\x00\x00\x26\x03\x00"s + std::string(32, '\x11') +
                                   "\x00\x00\x2f\x00"s);
    });
}

void ciphers(Catalogue& all) {
    const std::string kind = "TLS: cipher";
    const auto only = [&](const std::string& name, Expected expected,
                          const std::function<void(TlsSettings&)>& change) {
        TlsSettings settings;
        settings.chain = {all.good};
        settings.maximum = TLS1_2_VERSION;
        change(settings);
        all.add_tls(kind, name, std::move(expected), std::move(settings));
    };
    only("no encryption (eNULL)", no_tls(handshake),
         [](TlsSettings& settings) { settings.ciphers = "ECDHE-ECDSA-NULL-SHA"; });
    only("no authentication (aNULL)",
         {"TLS", "TLS", "refused handshake or NoCertificate", "refused handshake or NoCertificate"},
         [](TlsSettings& settings) {
             settings.chain.clear();
             settings.ciphers = "ADH-AES256-GCM-SHA384";
         });
    only("ciphers for keys of another kind", no_tls(handshake),
         [](TlsSettings& settings) { settings.ciphers = "ECDHE-RSA-AES256-GCM-SHA384"; });
    only("pre-shared keys only", no_tls(handshake),
         [](TlsSettings& settings) { settings.ciphers = "PSK-AES256-GCM-SHA384"; });
    auto spec = all.server();
    spec.key = test::Key::rsa();
    const auto rsa = test::issue(spec, all.root);
    // smtp(8) lets security level 0 do, whatever the system's, and no TlsAuthLevel speaks of key exchange.
    only("Diffie-Hellman group of 1024 bits", healthy(), [&](TlsSettings& settings) {
        settings.chain = {rsa};
        settings.ciphers = "DHE-RSA-AES256-GCM-SHA384";
        settings.small_diffie_hellman = true;
    });
}

void presented(Catalogue& all) {
    const std::string kind = "TLS: presented";
    TlsSettings client;
    client.chain = {all.good};
    client.demand_client_certificate = true;
    client.maximum = TLS1_2_VERSION;
    const Expected demanded = no_tls(handshake);
    all.add_tls(kind, "client certificate demanded (TLS 1.2)", demanded, client);
    client.maximum = 0;
    all.add_tls(kind, "client certificate demanded (TLS 1.3)", demanded, std::move(client));
    TlsSettings by_name;
    by_name.chain = {all.good};
    by_name.refuse_server_name = true;
    all.add_tls(kind, "server name refused (unrecognized_name)", {"TLS", "TLS", "TLS", "refused handshake"},
                std::move(by_name));
    auto spec = all.server();
    spec.alternative_names = {"DNS:mx.other.example"};
    TlsSettings other;
    other.chain = {test::issue(spec, all.root)};
    other.chain_without_name = {all.good};
    all.add_tls(kind, "wrong certificate where a server name is sent", wrong_name(), std::move(other));
    std::vector<test::Identity> huge{all.good};
    auto padded = test::ca_spec("CN=Padding");
    padded.extra = {
        {"1.3.6.1.4.1.55555.5", false, std::string("\x04\x82\x40\x00", 4) + std::string(0x4000, 'x')}};
    const auto padding = test::self_signed(padded);
    huge.insert(huge.end(), 20, padding);
    all.add_chain(kind, "certificates of 300 KiB", no_tls("handshake or ChainTooLong"), std::move(huge));
}

} // namespace

void add_tls_scenarios(Catalogue& all) {
    versions(all);
    ciphers(all);
    presented(all);
    aborted(all);
    tampered(all);
}

} // namespace sendconnector::fault_host
