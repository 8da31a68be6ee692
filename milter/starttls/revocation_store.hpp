// SPDX-License-Identifier: Apache-2.0
// RevocationStore: revocation lists and OCSP responses: fetched once for all who ask, kept on disk, renewed
// before they run out.
#pragma once

#include "milter/endpoint/log_sink.hpp"
#include "policy/certificate/revocation.hpp"

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <vector>

namespace sendconnector::starttls {

struct RevocationStoreSettings {
    std::filesystem::path directory; // made when it is missing, mode 0750; empty: nothing is kept on disk
    bool read_only = false; // what is in the directory is used, and nothing there is made, written or removed
    std::chrono::milliseconds fetch_time{20'000}; // of one download, redirects and all
    std::size_t answer_octets = 32 << 20;
    std::size_t kept_octets = 512 << 20; // all answers together; the least recently wanted go first
    std::size_t parallel_fetches = 16;
    std::chrono::seconds retry_after_failure{60};
    // An answer is renewed when this share of its life is over, and at the latest `longest_life` after it was
    // fetched, however long its signer lets it count.
    double renew_at = 0.75;
    std::chrono::seconds longest_life{12 * 3600};
    std::chrono::seconds forget_unused{7 * 24 * 3600};
};

// Everything but the constructor happens in the thread that runs `context`; downloads have a thread of their
// own.
class RevocationStore {
public:
    using Done = std::function<void(policy::RevocationEvidence)>;

    RevocationStore(boost::asio::io_context& context, RevocationStoreSettings settings,
                    std::shared_ptr<endpoint::LogSink> log);
    RevocationStore(const RevocationStore&) = delete;
    RevocationStore& operator=(const RevocationStore&) = delete;
    ~RevocationStore(); // waits for the download thread, which gives up at once

    // What is at hand now, and counts now: never an answer past its next update. Marks the sources as wanted,
    // which keeps them renewed.
    policy::RevocationEvidence at_hand(const std::vector<policy::RevocationSource>& sources);
    // The same, after fetching what is missing, but not later than `patience` from now: what has not come by
    // then is in the evidence as a failure ("no answer from URL within 5 s") and is fetched on for the next
    // who asks. A source that failed within retry_after_failure is not asked again. Never calls `done` before
    // it returns.
    void collect(const std::vector<policy::RevocationSource>& sources, std::chrono::milliseconds patience,
                 Done done);
    // The answer does not hold (a signature, say): fetch it again, not sooner than retry_after_failure after
    // it came.
    void distrust(const policy::RevocationSource& source);
    // Called after an answer came, changed or ran out.
    void on_change(std::function<void()> changed);
    // Grows with every change.
    std::uint64_t generation() const;
    // Fetch everything that is wanted now, for `sendconnectorctl tls --refresh`.
    void refresh();

private:
    class Implementation;
    std::shared_ptr<Implementation> m_implementation;
};

} // namespace sendconnector::starttls
