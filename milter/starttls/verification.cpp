// SPDX-License-Identifier: Apache-2.0
#include "milter/starttls/verification.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <fmt/format.h>
#include <utility>

namespace sendconnector::starttls {

namespace asio = boost::asio;

namespace {

// Without slots that are shared with others.
constexpr std::size_t probes_at_once = 8;

// smtp(8) has the one family only when a source address is set for that family alone.
bool is_used(const HopAddress& address, const ProbeIdentity& identity) {
    return address.endpoint.address().is_v4() ? !identity.source_ipv4.empty() || identity.source_ipv6.empty()
                                              : !identity.source_ipv6.empty() || identity.source_ipv4.empty();
}

std::string text_of(const asio::ip::tcp::endpoint& endpoint) {
    return endpoint.address().to_string();
}

// The handshake ended for want of a certificate that smtp(8) has, and this process may not read.
bool lacks_own_certificate_only(const ProbeResult& probe, const HopRequest& request) {
    return request.own_certificate_left_out && probe.client_certificate_wanted &&
           probe.stage == ProbeStage::handshake && probe.failure &&
           (probe.failure->kind == ProbeFailure::Kind::handshake ||
            probe.failure->kind == ProbeFailure::Kind::closed);
}

void settle(AddressReport& report, const HopRequest& request) {
    const bool shook_hands = report.probe.stage == ProbeStage::done && !report.probe.failure;
    report.passes = false;
    report.reason.clear();
    if (report.verdict && !report.verdict->accepted()) {
        const auto& flaw = report.verdict->flaws.front();
        report.reason = fmt::format("{}: {}", to_string(flaw.reason), flaw.text);
    } else if (!shook_hands && !(report.verdict && lacks_own_certificate_only(report.probe, request))) {
        report.reason = fmt::format("{}: {}", to_string(report.probe.stage),
                                    report.probe.failure ? report.probe.failure->text : "did not end");
    } else if (request.rules && !report.verdict) {
        report.reason = "the certificate was not judged";
    } else {
        report.passes = true;
    }
}

// An answer that its signer did not sign is asked for again.
void distrust_forged(const policy::Verdict& verdict, const std::vector<policy::RevocationSource>& sources,
                     RevocationStore& store) {
    for (const auto& status : verdict.revocation) {
        for (const auto& finding : status.findings) {
            const auto source =
                std::find_if(sources.begin(), sources.end(),
                             [&](const policy::RevocationSource& one) { return one.id() == finding.id; });
            if (finding.forged && source != sources.end()) {
                store.distrust(*source);
            }
        }
    }
}

policy::Verdict judge_with(const policy::PresentedChain& presented, const HopRequest& request,
                           const std::vector<policy::RevocationSource>& sources,
                           const policy::RevocationEvidence& evidence, RevocationStore& store,
                           std::chrono::sys_seconds now) {
    auto verdict = policy::judge(presented, *request.rules, request.anchors, evidence, now);
    distrust_forged(verdict, sources, store);
    return verdict;
}

class Course : public std::enable_shared_from_this<Course> {
public:
    Course(Verification::Parts parts, HopRequest request, Verification::Progress progress,
           Verification::Done done)
        : m_parts(std::move(parts)), m_request(std::move(request)), m_progress(std::move(progress)),
          m_done(std::move(done)) {}

    void start() {
        if (m_parts.slots == nullptr) {
            m_own_slots.emplace(m_parts.context, probes_at_once);
            m_parts.slots = &*m_own_slots;
        }
        tell("resolving " + m_request.next_hop);
        m_parts.resolver.resolve(m_request.next_hop, [weak = weak_from_this()](Resolved resolved) {
            if (const auto self = weak.lock()) {
                self->resolved(std::move(resolved));
            }
        });
    }

    void hurry() {
        m_parts.urgent = true;
        for (auto& visit : m_visits) {
            if (visit.slot) {
                ProbeSlots::hurry(*visit.slot);
            }
        }
    }

    void cancel() {
        m_done = nullptr;
        m_visits.clear();
    }

private:
    struct Visit {
        ProbeSlots::Handle slot;
        std::unique_ptr<Probe> probe;
    };

    void tell(const std::string& text) const {
        if (m_progress) {
            m_progress(text);
        }
    }
    void tell(const AddressReport& report, std::string_view text) const {
        if (m_progress) {
            m_progress(fmt::format("{}: {}", text_of(report.address.endpoint), text));
        }
    }

    void resolved(Resolved resolved) {
        m_report.next_hop = m_request.next_hop;
        m_report.resolved = std::move(resolved);
        auto& found = m_report.resolved;
        std::erase_if(found.addresses,
                      [&](const HopAddress& address) { return !is_used(address, m_request.identity); });
        if (found.outcome == Resolved::Outcome::found && found.addresses.empty()) {
            found.outcome = Resolved::Outcome::none;
            found.reason = fmt::format("{} has no address that can be reached from the source address",
                                       m_request.next_hop);
        }
        if (found.outcome != Resolved::Outcome::found) {
            found.addresses.clear();
            return finish();
        }
        for (const auto& address : found.addresses) {
            m_report.addresses.push_back({.address = address, .probe = {}, .verdict = {}, .reason = {}});
        }
        m_open = m_report.addresses.size();
        m_visits.resize(m_open);
        for (std::size_t i = 0; i < m_visits.size(); ++i) {
            m_visits[i].slot =
                m_parts.slots->acquire(m_request.connector, m_parts.urgent, [weak = weak_from_this(), i] {
                    if (const auto self = weak.lock()) {
                        self->probe(i);
                    }
                });
        }
    }

    void probe(std::size_t index) {
        const auto& address = m_report.addresses[index].address;
        tell(m_report.addresses[index], "connecting");
        m_visits[index].probe =
            Probe::start(m_parts.context, address.endpoint, m_request.identity, m_request.limits,
                         [weak = weak_from_this(), index](ProbeResult result) {
                             if (const auto self = weak.lock()) {
                                 self->probed(index, std::move(result));
                             }
                         });
    }

    void probed(std::size_t index, ProbeResult result) {
        m_visits[index].slot.reset();
        // It is still on the stack.
        asio::post(m_parts.context, [ended = std::shared_ptr<Probe>(std::move(m_visits[index].probe))] {});
        auto& report = m_report.addresses[index];
        report.probe = std::move(result);
        tell(report, report.probe.failure ? report.probe.failure->text : report.probe.protocol);
        const bool judged = m_request.rules && (report.probe.stage == ProbeStage::done ||
                                                !report.probe.presented.certificates.empty());
        if (!judged) {
            return settled(index);
        }
        auto sources = policy::revocation_sources(report.probe.presented, *m_request.rules, m_request.anchors,
                                                  m_parts.now());
        if (sources.empty()) {
            return judge(index, sources, {});
        }
        tell(report, "asking about revocation");
        m_parts.store.collect(sources, m_request.revocation_patience,
                              [weak = weak_from_this(), index, sources](policy::RevocationEvidence evidence) {
                                  if (const auto self = weak.lock(); self && self->m_done) {
                                      self->judge(index, sources, evidence);
                                  }
                              });
    }

    void judge(std::size_t index, const std::vector<policy::RevocationSource>& sources,
               const policy::RevocationEvidence& evidence) {
        auto& report = m_report.addresses[index];
        report.verdict =
            judge_with(report.probe.presented, m_request, sources, evidence, m_parts.store, m_parts.now());
        settled(index);
    }

    void settled(std::size_t index) {
        auto& report = m_report.addresses[index];
        settle(report, m_request);
        tell(report, report.passes ? "passes" : report.reason);
        if (--m_open == 0) {
            finish();
        }
    }

    void finish() {
        m_report.at = std::chrono::system_clock::now();
        // Whoever is told may destroy the handle.
        if (const auto done = std::exchange(m_done, nullptr)) {
            done(std::move(m_report));
        }
    }

    Verification::Parts m_parts;
    HopRequest m_request;
    Verification::Progress m_progress;
    Verification::Done m_done;
    std::optional<ProbeSlots> m_own_slots;
    HopReport m_report;
    std::vector<Visit> m_visits; // parallel to m_report.addresses
    std::size_t m_open = 0;
};

class Handle : public Verification {
public:
    explicit Handle(std::shared_ptr<Course> course) : m_course(std::move(course)) {}
    ~Handle() override { m_course->cancel(); }
    void hurry() override { m_course->hurry(); }

private:
    std::shared_ptr<Course> m_course;
};

} // namespace

Verification::~Verification() = default;

std::unique_ptr<Verification> Verification::start(Parts parts, HopRequest request, Progress progress,
                                                  Done done) {
    auto course =
        std::make_shared<Course>(std::move(parts), std::move(request), std::move(progress), std::move(done));
    course->start();
    return std::make_unique<Handle>(std::move(course));
}

policy::Verdict judge_again(const policy::PresentedChain& presented, const HopRequest& request,
                            RevocationStore& store, std::chrono::sys_seconds now) {
    const auto sources = policy::revocation_sources(presented, *request.rules, request.anchors, now);
    return judge_with(presented, request, sources, store.at_hand(sources), store, now);
}

void judge_again(HopReport& report, const HopRequest& request, RevocationStore& store,
                 std::chrono::sys_seconds now) {
    for (auto& address : report.addresses) {
        if (request.rules && address.verdict) {
            address.verdict = judge_again(address.probe.presented, request, store, now);
            settle(address, request);
        }
    }
}

} // namespace sendconnector::starttls
