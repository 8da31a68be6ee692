// SPDX-License-Identifier: Apache-2.0
// A Verifier with a configuration that a test can change, asked from the test's thread.
#pragma once

#include "milter/starttls/verifier.hpp"
#include "tests/pki/identity.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/milter/support/recording_log.hpp"
#include "tests/unit/milter/support/snapshots.hpp"
#include "tests/unit/milter/support/temporary_directory.hpp"
#include "tests/unit/milter/support/wait.hpp"

#include <algorithm>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sendconnector::starttls {

// One connector of a configuration in the making.
inline std::string connector_table(std::string_view name, std::string_view next_hop, std::string_view ca_file,
                                   std::string_view more) {
    std::string text = "[[connector]]\nname = \"" + std::string(name) + "\"\nsenders = [\"" +
                       std::string(name) + ".example\"]\naddress_spaces = [\"*\"]\nrequire_tls = true\n";
    if (!next_hop.empty()) {
        text += "dns_routing_enabled = false\nsmart_hosts = [\"" + std::string(next_hop) + "\"]\n";
    }
    return text + "tls_ca_file = \"" + std::string(ca_file) + "\"\n" + std::string(more) + "\n";
}

class VerifierFixture {
public:
    using Answer = conf::postfix::Answer;

    explicit VerifierFixture(std::string_view toml, Verifier::Start start = {}) {
        set(toml);
        Verifier::Setup setup{[this] { return snapshot(); }, directory / "revocation", log};
        setup.now = [this] {
            return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()) +
                   std::chrono::seconds(ahead);
        };
        setup.start_verification = std::move(start);
        verifier = std::make_unique<Verifier>(std::move(setup));
        verifier->start();
    }
    VerifierFixture(const VerifierFixture&) = delete;
    VerifierFixture& operator=(const VerifierFixture&) = delete;

    HopVerdicts::Snapshot snapshot() const {
        const std::lock_guard lock(m_mutex);
        return m_snapshot;
    }
    void set(std::string_view toml) {
        auto made = test::snapshot_of(toml);
        const std::lock_guard lock(m_mutex);
        m_snapshot = std::move(made);
    }
    void reload(std::string_view toml) {
        set(toml);
        verifier->reload();
    }

    std::future<std::string> ask_later(std::string_view slug, std::string_view next_hop) {
        const auto promise = std::make_shared<std::promise<std::string>>();
        auto future = promise->get_future();
        const auto current = snapshot();
        const auto question = conf::postfix::tls_question(*current, slug, next_hop);
        if (question.answer) {
            promise->set_value(conf::postfix::to_reply(*question.answer));
        } else {
            verifier->ask(current, question, [promise](const Answer& answer) {
                promise->set_value(conf::postfix::to_reply(answer));
            });
        }
        return future;
    }
    std::string ask(std::string_view slug, std::string_view next_hop) {
        auto future = ask_later(slug, next_hop);
        return future.wait_for(std::chrono::seconds(20)) == std::future_status::ready ? future.get()
                                                                                      : "(no answer)";
    }
    bool eventually_says(std::string_view slug, std::string_view next_hop, std::string_view text) {
        return test::eventually([&] { return ask(slug, next_hop).find(text) != std::string::npos; },
                                std::chrono::seconds(20));
    }
    std::vector<HopStatus> list(std::optional<std::string> connector = {}, bool renew = false) {
        const auto promise = std::make_shared<std::promise<std::vector<HopStatus>>>();
        auto future = promise->get_future();
        verifier->list(std::move(connector), renew, std::chrono::seconds(10),
                       [promise](std::vector<HopStatus> hops) { promise->set_value(std::move(hops)); });
        return future.wait_for(std::chrono::seconds(20)) == std::future_status::ready
                   ? future.get()
                   : std::vector<HopStatus>();
    }
    bool is_known_bad(std::string_view slug, std::string_view next_hop) {
        const auto current = snapshot();
        return verifier->is_known_bad(*current, *current->route_by_slug(slug), next_hop);
    }

    test::TemporaryDirectory directory;
    const std::shared_ptr<test::RecordingLog> log = std::make_shared<test::RecordingLog>();
    std::atomic<int> ahead{0}; // of the clock that certificates are judged by, seconds
    std::unique_ptr<Verifier> verifier;

private:
    mutable std::mutex m_mutex;
    HopVerdicts::Snapshot m_snapshot;
};

// What Postfix calls the certificate.
inline std::string fingerprint_of(const test::Identity& identity) {
    return policy::Certificate::from_der(identity.der()).value().fingerprint();
}

} // namespace sendconnector::starttls
