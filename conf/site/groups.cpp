// SPDX-License-Identifier: Apache-2.0
#include "conf/site/groups.hpp"

#include "conf/plain_text.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <map>
#include <unordered_map>

namespace sendconnector::conf::site {
namespace {

using exchange::Remark;

// Wider patterns first: a narrower one is judged by what would take its mail.
std::vector<std::string> widest_first(const std::set<std::string>& senders, const SenderSearch& search) {
    std::vector<std::pair<std::size_t, std::string>> ranked;
    ranked.reserve(senders.size());
    for (const std::string& sender : senders)
        ranked.emplace_back(search.chain(sender).size(), sender);
    std::sort(ranked.begin(), ranked.end());
    std::vector<std::string> list;
    list.reserve(ranked.size());
    for (auto& [width, sender] : ranked)
        list.push_back(std::move(sender));
    return list;
}

class Sorter {
public:
    explicit Sorter(const Site& site) : m_site(site), m_search(site) {}

    Groups run(const Progress& progress) {
        NamedSenders named = named_senders(m_site, m_search);
        take("*");
        std::size_t done = 0;
        for (const std::string& sender : widest_first(named.senders, m_search)) {
            if (done++ % 1000 == 0)
                progress(done - 1, named.senders.size());
            take(sender);
        }
        progress(done, named.senders.size());
        for (const NamedSenders::Odd& odd : named.odd)
            remark_odd(odd);
        for (const std::string& reason : unknown_senders(named))
            hold_all(reason);
        return std::move(*this).result();
    }

private:
    struct Known {
        Group group;
        std::map<std::string, std::vector<std::string>> strangers; // by their obstacle
        std::set<const Known*> wider;
        std::size_t place = 0; // in the list
    };

    void take(const std::string& sender) {
        const Way way = way_of(m_site, m_search, sender);
        Known* const wider = wider_group(sender);
        if (!way.obstacle.empty()) {
            if (wider != nullptr)
                wider->strangers[way.obstacle].push_back(sender);
            m_left[way.obstacle].push_back(sender);
            m_has_all_listed = m_has_all_listed && sender == "*";
            return;
        }
        // What Postfix does anyway needs no connector, unless another one would take the mail.
        if (way.is_plain() && wider == nullptr)
            return;
        Known& known = m_known[way];
        known.group.way = way;
        known.group.senders.push_back(sender_pattern(sender).value_or(sender));
        if (wider != nullptr && wider != &known)
            known.wider.insert(wider);
        m_group_of.emplace(sender, &known);
    }

    Known* wider_group(const std::string& sender) {
        for (const std::string& each : m_search.chain(sender))
            if (const auto found = m_group_of.find(each); each != sender && found != m_group_of.end())
                return found->second;
        return nullptr;
    }

    void remark_odd(const NamedSenders::Odd& odd) {
        m_remarks.push_back({0,
                             odd.is_loss ? fmt::format("{} of {} names no sender that a connector can have",
                                                       in_quotes(odd.key), odd.table)
                                         : fmt::format("{} of {} is no address: Postfix never looks for it",
                                                       in_quotes(odd.key), odd.table),
                             odd.is_loss});
    }

    void remark_left(const std::vector<std::string>& senders, const std::string& obstacle) {
        // Nothing is missing where no connector is needed.
        const bool is_default = senders.front() == "*";
        m_remarks.push_back(
            {0,
             fmt::format("mail of {} stays with Postfix: {}",
                         is_default ? "all senders that are not listed" : some_of(senders), obstacle),
             !is_default});
    }

    // Why there may be senders that nobody has named.
    std::vector<std::string> unknown_senders(const NamedSenders& named) {
        std::vector<std::string> reasons;
        const auto unlisted = [&](const Tables& tables, std::string_view parameter) {
            for (const std::string& table : tables.unlisted())
                reasons.push_back(
                    fmt::format("{} of {} can be asked, not listed: which senders it is for is not known",
                                table, parameter));
        };
        unlisted(m_site.tables_of("", transport_maps), transport_maps);
        unlisted(m_site.tables_of("", relayhost_maps), relayhost_maps);
        for (const auto& [name, service] : m_site.services)
            if (m_site.is_yes(name, "smtp_sasl_auth_enable") &&
                m_site.is_yes(name, "smtp_sender_dependent_authentication"))
                unlisted(m_site.tables_of(name, password_maps), password_maps);
        if (std::any_of(named.odd.begin(), named.odd.end(), [](const auto& odd) { return odd.is_loss; }))
            reasons.emplace_back("some senders that Postfix knows cannot be named here");
        std::sort(reasons.begin(), reasons.end());
        reasons.erase(std::unique(reasons.begin(), reasons.end()), reasons.end());
        return reasons;
    }

    void hold_all(const std::string& reason) {
        m_has_all_listed = false;
        m_remarks.push_back({0, reason, true});
        for (auto& [way, known] : m_known)
            known.group.notes.push_back({"Senders",
                                         {reason + ", and their mail would take this connector",
                                          "see that it has the senders it is for, and no others of theirs"},
                                         true});
    }

    static std::string some_of(const std::vector<std::string>& senders) {
        constexpr std::size_t most = 3;
        const std::vector<std::string> first(
            senders.begin(), senders.begin() + std::min<std::ptrdiff_t>(most, std::ssize(senders)));
        return senders.size() > most
                   ? fmt::format("{} and {} more", fmt::join(first, ", "), senders.size() - most)
                   : fmt::format("{}", fmt::join(first, ", "));
    }

    Groups result() && {
        Groups groups;
        std::size_t place = 0;
        for (auto& [way, known] : m_known)
            known.place = place++;
        for (auto& [way, known] : m_known) {
            for (const Known* each : known.wider)
                known.group.wider.insert(each->place);
            for (const auto& [obstacle, senders] : known.strangers)
                known.group.notes.push_back(
                    {"Senders",
                     {fmt::format("mail of {} would take this connector, and goes another way in Postfix: {}",
                                  some_of(senders), obstacle),
                      "make a connector for them that does what you want"},
                     true});
            groups.list.push_back(std::move(known.group));
        }
        for (const auto& [obstacle, senders] : m_left)
            remark_left(senders, obstacle);
        groups.remarks = std::move(m_remarks);
        groups.has_all_listed = m_has_all_listed;
        return groups;
    }

    const Site& m_site;
    SenderSearch m_search;
    std::map<Way, Known> m_known;
    std::unordered_map<std::string, Known*> m_group_of;
    std::map<std::string, std::vector<std::string>> m_left; // senders by their obstacle
    std::vector<Remark> m_remarks;
    bool m_has_all_listed = true;
};

} // namespace

Groups groups_of(const Site& site, const Progress& progress) {
    return Sorter(site).run(progress);
}

} // namespace sendconnector::conf::site
