// SPDX-License-Identifier: Apache-2.0
// A RevocationStore in a thread of its own, asked from the test's.
#pragma once

#include "milter/starttls/revocation_store.hpp"
#include "tests/pki/crl.hpp"
#include "tests/pki/ocsp.hpp"
#include "tests/unit/milter/support/recording_log.hpp"
#include "tests/unit/milter/support/running_context.hpp"

#include <atomic>
#include <boost/asio/post.hpp>
#include <future>
#include <memory>
#include <string>
#include <type_traits>
#include <vector>

namespace sendconnector::starttls {

// Short times, so that tests are, too.
inline RevocationStoreSettings quick_settings() {
    RevocationStoreSettings settings;
    settings.fetch_time = std::chrono::milliseconds(600);
    settings.retry_after_failure = std::chrono::seconds(1);
    return settings;
}

class StoreFixture {
public:
    explicit StoreFixture(RevocationStoreSettings settings = quick_settings()) {
        call([&] {
            m_store = std::make_unique<RevocationStore>(m_running.context, std::move(settings), log);
            m_store->on_change([this] { ++changes; });
            return 0;
        });
    }
    StoreFixture(const StoreFixture&) = delete;
    StoreFixture& operator=(const StoreFixture&) = delete;
    ~StoreFixture() {
        if (m_store) {
            close();
        }
    }

    void close() {
        call([&] {
            m_store.reset();
            return 0;
        });
    }
    // Waits until the context has nothing to do any more.
    void finish() { m_running.finish(); }
    // In the context's thread.
    template <class Work>
    std::invoke_result_t<Work> call(Work work) {
        std::promise<std::invoke_result_t<Work>> promise;
        auto future = promise.get_future();
        boost::asio::post(m_running.context, [&] { promise.set_value(work()); });
        return future.get();
    }
    std::future<policy::RevocationEvidence> start(const std::vector<policy::RevocationSource>& sources,
                                                  std::chrono::milliseconds patience) {
        auto promise = std::make_shared<std::promise<policy::RevocationEvidence>>();
        auto future = promise->get_future();
        boost::asio::post(m_running.context, [this, sources, patience, promise] {
            m_store->collect(sources, patience, [promise](policy::RevocationEvidence evidence) {
                promise->set_value(std::move(evidence));
            });
        });
        return future;
    }
    policy::RevocationEvidence collect(const std::vector<policy::RevocationSource>& sources,
                                       std::chrono::milliseconds patience = std::chrono::seconds(10)) {
        return start(sources, patience).get();
    }
    policy::RevocationAnswer collect(const policy::RevocationSource& source,
                                     std::chrono::milliseconds patience = std::chrono::seconds(10)) {
        return of(collect(std::vector{source}, patience), source);
    }
    policy::RevocationAnswer at_hand(const policy::RevocationSource& source) {
        return of(call([&] { return m_store->at_hand({source}); }), source);
    }
    void distrust(const policy::RevocationSource& source) {
        call([&] {
            m_store->distrust(source);
            return 0;
        });
    }
    void refresh() {
        call([&] {
            m_store->refresh();
            return 0;
        });
    }
    std::uint64_t generation() {
        return call([&] { return m_store->generation(); });
    }

    const std::shared_ptr<test::RecordingLog> log = std::make_shared<test::RecordingLog>();
    std::atomic<int> changes{0};

private:
    static policy::RevocationAnswer of(const policy::RevocationEvidence& evidence,
                                       const policy::RevocationSource& source) {
        const auto found = evidence.find(source.id());
        return found == evidence.end() ? policy::RevocationAnswer{} : found->second;
    }

    test::RunningContext m_running;
    std::unique_ptr<RevocationStore> m_store;
};

inline std::chrono::sys_seconds clock_now() {
    return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

inline policy::RevocationSource list_at(std::string url) {
    return {policy::RevocationSource::Kind::crl, std::move(url), {}};
}

inline const test::Identity& authority() {
    static const test::Identity identity = test::self_signed(test::ca_spec("CN=Contoso Root"));
    return identity;
}

// A list that counts from `age` ago for `life` from now on.
inline std::string list_for(std::chrono::seconds life, std::chrono::seconds age = std::chrono::hours(1),
                            const std::string& number = "1") {
    test::CrlSpec spec;
    spec.this_update = clock_now() - age;
    spec.next_update = clock_now() + life;
    spec.number = number;
    return test::make_crl(spec, authority());
}

} // namespace sendconnector::starttls
