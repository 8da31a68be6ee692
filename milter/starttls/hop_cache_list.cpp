// SPDX-License-Identifier: Apache-2.0
// What the cache holds, for people.
#include "milter/starttls/hop_cache.hpp"

#include "conf/slug.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace sendconnector::starttls {

namespace asio = boost::asio;

struct HopCache::Listing {
    std::optional<std::string> connector;
    std::set<std::string> pending;
    asio::steady_timer patience;
    Listed listed;
};

namespace {

HopStatus::Address address_of(const AddressReport& report) {
    HopStatus::Address address;
    const auto& endpoint = report.address.endpoint;
    const auto ip = endpoint.address().to_string();
    address.address = fmt::format("{}:{}", endpoint.address().is_v6() ? "[" + ip + "]" : ip, endpoint.port());
    address.host = report.address.host;
    address.passes = report.passes;
    address.reason = report.reason;
    address.protocol = report.probe.protocol;
    address.cipher = report.probe.cipher;
    if (!report.probe.presented.certificates.empty()) {
        if (const auto leaf = policy::Certificate::from_der(report.probe.presented.certificates.front())) {
            address.subject = leaf->subject();
            address.not_after = leaf->not_after();
            address.fingerprint = leaf->fingerprint();
        }
    }
    return address;
}

} // namespace

void HopCache::list(const std::optional<std::string>& connector, bool renew,
                    std::chrono::milliseconds patience, Listed listed) {
    auto listing = std::make_shared<Listing>(
        Listing{connector, {}, asio::steady_timer(m_parts.context), std::move(listed)});
    if (renew) {
        for (auto& [key, entry] : m_entries) {
            if (connector && entry->connector->name != *connector) {
                continue;
            }
            listing->pending.insert(key);
            entry->forget = true;
            stop_verification(*entry);
            publish(*entry);
        }
        for (const auto& key : std::set(listing->pending)) {
            launch(*find(key), true);
        }
        std::erase_if(listing->pending, [&](const std::string& key) { return !find(key)->running; });
    }
    m_listings.push_back(listing);
    if (listing->pending.empty()) {
        return finish_listings({});
    }
    listing->patience.expires_after(patience);
    listing->patience.async_wait([this, alive = std::weak_ptr(m_alive),
                                  weak = std::weak_ptr(listing)](const boost::system::error_code& ended) {
        if (const auto self = weak.lock(); self && !ended && !alive.expired()) {
            self->pending.clear();
            finish_listings({});
        }
    });
}

// `key` is not pending any more; whoever has nothing pending gets the list.
void HopCache::finish_listings(const std::string& key) {
    std::vector<std::shared_ptr<Listing>> ready;
    for (auto at = m_listings.begin(); at != m_listings.end();) {
        (*at)->pending.erase(key);
        if ((*at)->pending.empty()) {
            ready.push_back(*at);
            at = m_listings.erase(at);
        } else {
            ++at;
        }
    }
    for (const auto& listing : ready) {
        listing->patience.cancel();
        std::vector<HopStatus> hops;
        for (const auto& [name, entry] : m_entries) {
            if (!listing->connector || entry->connector->name == *listing->connector) {
                hops.push_back(status_of(*entry));
            }
        }
        std::sort(hops.begin(), hops.end(), [](const HopStatus& a, const HopStatus& b) {
            return std::tie(a.connector, a.next_hop) < std::tie(b.connector, b.next_hop);
        });
        listing->listed(std::move(hops));
    }
}

HopStatus HopCache::status_of(const HopEntry& entry) const {
    const auto now = moment();
    HopStatus status;
    status.connector = entry.connector->name;
    status.service = conf::service_name(entry.connector->name);
    status.next_hop = entry.next_hop;
    const bool probing = entry.forget || entry.history.state() == HopState::unseen;
    status.state = probing ? "probing" : to_string(entry.history.state());
    if (entry.due) {
        status.next_check = std::max(std::chrono::ceil<std::chrono::seconds>(*entry.due - now.clock),
                                     std::chrono::seconds(0));
    }
    if (probing) {
        return status;
    }
    status.reason = entry.history.reason();
    const auto view = entry.history.view(ages());
    if (const auto answer = answer_of(view, *entry.connector, entry.host, now)) {
        status.policy =
            answer->status == conf::postfix::Answer::Status::ok ? answer->text : "TEMP " + answer->text;
    }
    const auto& report = entry.history.report();
    status.checked_at = report.at;
    status.age = std::chrono::floor<std::chrono::seconds>(now.clock - entry.history.checked());
    for (const auto& leaf : view.leaves) {
        if (leaf.holds(now) && (!status.good_until || leaf.until < *status.good_until)) {
            status.good_until = leaf.until;
        }
    }
    for (const auto& address : report.addresses) {
        status.addresses.push_back(address_of(address));
    }
    return status;
}

} // namespace sendconnector::starttls
