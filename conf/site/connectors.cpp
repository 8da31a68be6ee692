// SPDX-License-Identifier: Apache-2.0
#include "conf/site/connectors.hpp"

#include "conf/exchange/connector_object.hpp"
#include "conf/plain_text.hpp"
#include "conf/site/conduct.hpp"
#include "conf/site/policy_domains.hpp"
#include "conf/site/policy_search.hpp"
#include "conf/site/tls_rule.hpp"
#include "conf/slug.hpp"
#include "policy/domain.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <set>
#include <span>
#include <unordered_set>

namespace sendconnector::conf::site {
namespace {

using exchange::Object;
using exchange::Value;

// Of a connector's name, with room for a number behind it.
constexpr std::size_t longest_name = 56;

Value texts(const std::vector<std::string>& entries) {
    exchange::List list;
    list.reserve(entries.size());
    for (const std::string& entry : entries)
        list.emplace_back(entry);
    return Value(std::move(list));
}

Value text(std::string_view written) {
    return Value(std::string(written));
}

class Maker {
public:
    Maker(const Site& site, SiteConnectors& made) : m_site(site), m_made(made) {}

    void make(const Group& group) {
        const std::vector<NextHop> hops = hops_of(m_site, group.way.route);
        if (hops.empty())
            make_direct(group);
        else
            add(group, hops, {"*"}, common_rule(group.way.route.service, hops), "");
    }

private:
    // Of all hosts of a connector.
    TlsRule common_rule(const std::string& service, const std::vector<NextHop>& hops) const {
        const Tables& policies = m_site.tables_of(service, policy_maps);
        std::optional<TlsRule> common;
        for (const NextHop& hop : hops) {
            TlsRule rule = tls_rule(m_site, service, &hop, policy_of(policies, hop.text));
            if (!common) {
                common = std::move(rule);
            } else if (common->properties != rule.properties) {
                common->notes.push_back(
                    {"TlsAuthLevel",
                     {"what is demanded of TLS differs from host to host; this is the rule of "
                      "the first",
                      "make a connector a host, or find a rule that does for all"},
                     true});
                break;
            }
        }
        return *std::move(common);
    }

    // One connector for each rule of TLS, for the domains that have it.
    void make_direct(const Group& group) {
        const std::string& service = group.way.route.service;
        PolicyDomains domains = policy_domains(m_site.tables_of(service, policy_maps));
        for (const std::string& odd : domains.odd)
            remark_once(fmt::format("{} of {} is no domain", in_quotes(odd), policy_maps));
        for (const PolicyDomains::Rule& each : domains.rules) {
            TlsRule rule = tls_rule(m_site, service, nullptr, each.policy);
            for (const std::string& table : domains.unlisted)
                rule.notes.push_back(
                    {"TlsAuthLevel",
                     {fmt::format(
                          "{} of {} can be asked, not listed: which domains it has a rule for is not known",
                          table, policy_maps),
                      "with an MTA-STS resolver: TlsAuthLevel MtaSts and MtaStsPolicyMap; else a connector "
                      "for "
                      "these domains"},
                     true});
            add(group, {}, each.spaces, std::move(rule),
                each.policy == nullptr ? ""
                                       : ", " + each.policy->substr(0, each.policy->find_first_of(", \t")));
        }
    }

    void remark_once(std::string remark) {
        if (m_remarks.insert(remark).second)
            m_made.reading.remarks.push_back({0, std::move(remark), true});
    }

    std::string name_of(const Way& way, const std::vector<NextHop>& hops, const std::string& suffix) {
        std::string name = "Direct";
        if (!hops.empty()) {
            const NextHop& first = hops.front();
            name = first.port == 25 ? "To " + first.host : fmt::format("To {} {}", first.host, first.port);
        }
        if (hops.size() > 1)
            name += fmt::format(" and {} more", hops.size() - 1);
        if (way.route.service != "smtp")
            name += " by " + way.route.service;
        if (!way.login.username.empty() &&
            m_site.is_yes(way.route.service, "smtp_sender_dependent_authentication"))
            name += " as " + way.login.username;
        name += suffix;
        std::replace_if(
            name.begin(), name.end(), [](char c) { return c == '"' || c == '\''; }, '-');
        const std::string base = shortened(escaped(name), longest_name);
        name = base;
        for (int number = 2; !m_names.insert(policy::fold_case(name)).second; ++number)
            name = fmt::format("{} {}", base, number);
        return name;
    }

    void add(const Group& group, const std::vector<NextHop>& hops, const std::vector<std::string>& spaces,
             TlsRule rule, const std::string& suffix) {
        const Way& way = group.way;
        const std::string name = name_of(way, hops, suffix);
        Object object{std::string(exchange::send_connector_type), 0, {}, group.notes};
        const auto set = [&](std::string_view property, Value value) {
            object.properties.push_back({std::string(property), std::move(value)});
        };
        set("Name", text(name));
        set("Senders", texts(group.senders));
        set("AddressSpaces", texts(spaces));
        set("DNSRoutingEnabled", Value(hops.empty()));
        if (!hops.empty()) {
            std::vector<std::string> hosts;
            for (const NextHop& hop : hops)
                hosts.push_back(hop.smart_host());
            set("SmartHosts", texts(hosts));
        }
        log_in(object, way, rule, name);
        add_conduct(object, m_site, way.route.service, hops.size());
        std::move(rule.properties.begin(), rule.properties.end(), std::back_inserter(object.properties));
        std::move(rule.notes.begin(), rule.notes.end(), std::back_inserter(object.notes));
        leave_other_octets(object);
        m_made.reading.objects.push_back(std::move(object));
    }

    static void leave_other_octets(Object& object) {
        std::erase_if(object.properties, [&](const exchange::Property& property) {
            const bool fit = property.value.text() == nullptr || is_utf8(*property.value.text());
            if (!fit)
                object.notes.push_back(
                    {property.name, {"is not UTF-8 in Postfix", "write it into the connector"}, true});
            return !fit;
        });
    }

    void log_in(Object& object, const Way& way, const TlsRule& rule, const std::string& name) {
        if (!way.login.doubt.empty())
            object.notes.push_back(
                {"AuthenticationCredential", {way.login.doubt, "write the credential by hand"}, true});
        if (way.login.username.empty())
            return;
        const bool in_clear = allows_passwords_in_clear(m_site, way.route.service);
        if (rule.is_off && !in_clear)
            object.notes.push_back({"SmartHostAuthMechanism",
                                    {"Postfix gives no password away without TLS here, and a connector would",
                                     "have the smart host reached with TLS"},
                                    true});
        const bool needs_tls = !rule.is_off && (rule.is_mandatory || !in_clear);
        object.properties.push_back(
            {"SmartHostAuthMechanism", text(needs_tls ? "BasicAuthRequireTLS" : "BasicAuth")});
        const std::string file = slug(name);
        object.properties.push_back({"AuthenticationCredential", text(file)});
        m_made.credentials.push_back({file, way.login.username, way.login.password});
    }

    const Site& m_site;
    SiteConnectors& m_made;
    std::unordered_set<std::string> m_names;
    std::unordered_set<std::string> m_remarks;
};

bool is_held(const Object& object) {
    return std::any_of(object.notes.begin(), object.notes.end(),
                       [](const exchange::Note& note) { return note.holds_back; });
}

void hold(Object& object, const Object& because) {
    if (!is_held(object))
        object.notes.push_back({"Senders",
                                {fmt::format("{} is disabled, and its mail would take this connector",
                                             in_quotes(*because.find("Name")->value.text())),
                                 "enable that one first"},
                                true});
}

// Mail of a connector that is disabled goes by the next wider one: no way that it takes now.
void hold_wider(const std::vector<Group>& groups, const std::vector<std::span<Object>>& objects) {
    std::vector<std::size_t> waiting;
    for (std::size_t i = 0; i < groups.size(); ++i)
        waiting.push_back(i);
    std::set<std::size_t> done;
    while (!waiting.empty()) {
        const std::size_t place = waiting.back();
        waiting.pop_back();
        const auto held = std::find_if(objects[place].begin(), objects[place].end(), is_held);
        if (held == objects[place].end() || !done.insert(place).second)
            continue;
        for (Object& object : objects[place])
            hold(object, *held);
        for (const std::size_t wider : groups[place].wider) {
            for (Object& object : objects[wider])
                hold(object, *held);
            waiting.push_back(wider);
        }
    }
}

} // namespace

SiteConnectors connectors_of(const Site& site, const Progress& progress) {
    Groups groups = groups_of(site, progress);
    SiteConnectors made;
    made.reading.remarks = std::move(groups.remarks);
    made.has_all_listed = groups.has_all_listed;
    Maker maker(site, made);
    std::vector<std::span<Object>> objects(groups.list.size());
    std::vector<std::size_t> first;
    for (const Group& group : groups.list) {
        first.push_back(made.reading.objects.size());
        maker.make(group);
    }
    for (std::size_t i = 0; i < first.size(); ++i) {
        const std::size_t end = i + 1 < first.size() ? first[i + 1] : made.reading.objects.size();
        objects[i] = std::span(made.reading.objects).subspan(first[i], end - first[i]);
    }
    hold_wider(groups.list, objects);
    return made;
}

} // namespace sendconnector::conf::site
