// SPDX-License-Identifier: Apache-2.0
// HopCache: every next-hop that is known, its verification under way, and who waits for it. The verifier's
// one thread works on it.
#pragma once

#include "conf/postfix/answers.hpp"
#include "milter/endpoint/log_limit.hpp"
#include "milter/endpoint/log_sink.hpp"
#include "milter/starttls/connector_request.hpp"
#include "milter/starttls/hop_board.hpp"
#include "milter/starttls/hop_entry.hpp"
#include "milter/starttls/hop_status.hpp"
#include "milter/starttls/trust_files.hpp"
#include "milter/starttls/verifier_counters.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace sendconnector::starttls {

class HopCache {
public:
    using Snapshot = std::shared_ptr<const conf::postfix::Snapshot>;
    using Done = std::function<void(conf::postfix::Answer)>;
    using Listed = std::function<void(std::vector<HopStatus>)>;
    // Begins a verification (Verification::start, with whatever it needs).
    using Start = std::function<std::unique_ptr<Verification>(HopRequest, bool urgent, Verification::Done)>;

    struct Parts {
        boost::asio::io_context& context;
        Start start;
        std::function<RevocationStore&()> store;
        HopBoard& board;
        VerifierCounters& counters;
        std::shared_ptr<endpoint::LogSink> log;
        std::function<std::chrono::sys_seconds()> now;
    };

    explicit HopCache(Parts parts);
    HopCache(const HopCache&) = delete;
    HopCache& operator=(const HopCache&) = delete;
    // Verifications under way are cancelled, those who wait are told that it could not be told.
    ~HopCache();

    // Takes a configuration: what was verified under the same request stays, everything else goes. Smart
    // hosts of applied connectors that need a certificate are verified in the background, spread out.
    void adopt(Snapshot snapshot);
    const Snapshot& snapshot() const { return m_snapshot; }
    // A CA file is another than it was: adopt() again.
    bool files_changed() const { return m_files.changed(); }
    bool reads_files() const { return !m_files.empty(); }

    // Answers at once from a verdict that is young, after at most renewal_wait from one that is due for
    // another look, else when the verification has ended, at the latest after lookup_wait.
    void ask(std::string_view slug, std::string_view next_hop, Done done);
    // Every verification under way is begun anew, after `meanwhile` has changed what they need.
    void restart_running(const std::function<void()>& meanwhile);
    // Held chains are judged anew, a few at a time.
    void store_changed();

    // Of every connector, or of one. `renew`: after forgetting what is known of these, when their new
    // verifications are over, at the latest after `patience`.
    void list(const std::optional<std::string>& connector, bool renew, std::chrono::milliseconds patience,
              Listed listed);

private:
    using Clock = std::chrono::steady_clock;
    // Files are read once for all next-hops of a connector.
    using Requests = std::map<const policy::SendConnector*, Result<ConnectorRequest>>;
    struct Listing;

    Moment moment() const { return {m_parts.now(), Clock::now()}; }
    HopHistory::Ages ages() const;
    const conf::TlsSettings& settings() const { return m_snapshot->configuration().tls; }

    HopEntry& entry_for(const conf::postfix::TlsQuestion& question);
    HopEntry* find(const std::string& key);
    void make_room();
    void drop(const std::string& key);
    const Result<ConnectorRequest>& request_of(Requests& requests, const policy::SendConnector& connector);
    bool adopt_entry(HopEntry& entry, Requests& requests);
    void set_request(HopEntry& entry, HopRequest request);
    void warm();

    void wait(HopEntry& entry, std::chrono::milliseconds patience, Done done);
    void waited_enough(const std::string& key, const std::shared_ptr<HopEntry::Waiter>& waiter);
    // What counts of what is known of it; nothing while it is to be forgotten.
    HopView view_of(const HopEntry& entry) const;
    std::optional<conf::postfix::Answer> held_answer(const HopEntry& entry) const;
    void answer_waiters(HopEntry& entry);
    void launch(HopEntry& entry, bool urgent);
    void stop_verification(HopEntry& entry);
    void finished(const std::string& key, HopReport report);
    void settle(HopEntry& entry);
    void publish(HopEntry& entry);
    void tell_change(HopEntry& entry);
    void count(HopEntry& entry);

    void due(HopEntry& entry, Clock::time_point at);
    void arm();
    void work_off();
    void judge_some();

    void finish_listings(const std::string& key);
    HopStatus status_of(const HopEntry& entry) const;

    Parts m_parts;
    Snapshot m_snapshot;
    TrustFiles m_files;
    std::unordered_map<std::string, std::unique_ptr<HopEntry>> m_entries;
    std::set<std::pair<Clock::time_point, std::string>> m_agenda; // background verifications to come
    boost::asio::steady_timer m_agenda_timer;
    std::size_t m_background = 0; // verifications under way that nobody waits for
    boost::asio::steady_timer m_judge_timer;
    std::deque<std::string> m_to_judge;
    bool m_judging = false;
    bool m_judge_again = false; // the store changed while m_judging
    std::list<std::shared_ptr<Listing>> m_listings;
    endpoint::LogLimit m_log_limit{50, std::chrono::seconds(10)};
    std::shared_ptr<bool> m_alive = std::make_shared<bool>(true); // for handlers that outlive this
};

} // namespace sendconnector::starttls
