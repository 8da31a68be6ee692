// SPDX-License-Identifier: Apache-2.0
#include "milter/ctl/site_reader.hpp"

#include "conf/postfix/attachment_parts.hpp"
#include "conf/postfix/command.hpp"
#include "conf/postfix/instance.hpp"
#include "conf/site/next_hop.hpp"
#include "conf/site/policy_search.hpp"
#include "conf/site/route.hpp"
#include "conf/site/table_name.hpp"
#include "milter/ctl/postfix_tables.hpp"
#include "policy/domain.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <sstream>

namespace sendconnector::ctl {
namespace {

namespace postfix = conf::postfix;
namespace site = conf::site;

// Those that postmap(1) can go through from beginning to end.
constexpr std::array<std::string_view, 7> listable = {"btree", "dbm",  "hash",    "inline",
                                                      "lmdb",  "sdbm", "texthash"};

class SiteReader {
public:
    SiteReader(Context& context, const conf::Configuration& configuration, const postfix::Instance& instance)
        : m_context(context), m_configuration(configuration), m_instance(instance) {}

    Result<site::Site> read() {
        m_context.transient("reading Postfix's settings");
        return read_settings()
            .and_then([&] { return read_services(); })
            .and_then([&] { return list_tables(); })
            .and_then([&] { return ask_about_senders(); })
            .and_then([&] { return ask_about_next_hops(); })
            .map([&] { return std::move(m_site); });
    }

private:
    Result<void> read_settings() {
        const auto values = m_instance.parameters(site::parameters_of_interest());
        if (!values)
            return tl::unexpected<Error>(values.error());
        m_site.settings.insert(values->begin(), values->end());
        const auto parts = postfix::attachment_parts(m_configuration, m_instance);
        if (!parts)
            return tl::unexpected<Error>(parts.error());
        for (const postfix::AttachmentPart& part : *parts)
            if (const auto found = m_site.settings.find(part.parameter); found != m_site.settings.end())
                found->second = postfix::without_part(part, found->second);
        return {};
    }

    Result<void> read_services() {
        const auto services = m_instance.services();
        const auto overrides = m_instance.site_overrides({"*"});
        if (!services || !overrides)
            return tl::unexpected<Error>(!services ? services.error() : overrides.error());
        for (const auto& [name, entry] : *services) {
            if (name.find('/') != std::string::npos || name.starts_with(postfix::service_prefix))
                continue;
            // Service, type, private, unprivileged, chroot, wakeup, maxproc, command: master(5).
            std::istringstream words(entry);
            std::string program;
            for (int field = 0; field < 8; ++field)
                words >> program;
            m_site.services[name].program = program;
        }
        for (const auto& [path, value] : *overrides) {
            const std::size_t type = path.find("/unix/");
            if (const auto found = m_site.services.find(path.substr(0, type));
                type != std::string::npos && found != m_site.services.end())
                found->second.overrides.emplace(path.substr(type + 6), value);
        }
        return {};
    }

    Result<void> list_tables() {
        std::set<std::string> values{std::string(m_site.setting("", site::transport_maps)),
                                     std::string(m_site.setting("", site::relayhost_maps))};
        for (const std::string_view parameter : {site::password_maps, site::policy_maps})
            each_client(
                [&](const std::string& service) { values.emplace(m_site.setting(service, parameter)); });
        for (const std::string& value : values) {
            site::Tables& tables = m_site.tables[value];
            for (const std::string& name : site::words_of(value)) {
                auto table = listed(name);
                if (!table)
                    return tl::unexpected<Error>(table.error());
                tables.list.push_back(*std::move(table));
            }
        }
        return {};
    }

    // main.cf's values, for "", and those of each service of smtp(8).
    template <class Use>
    void each_client(Use use) const {
        use(std::string());
        for (const auto& [name, service] : m_site.services)
            if (service.program == "smtp")
                use(name);
    }

    Result<site::Table> listed(const std::string& name) const {
        // What proxymap(8) is for is no concern of root's.
        const std::string own = name.starts_with("proxy:") ? name.substr(6) : name;
        site::Table table{own, true, {}};
        if (std::find(listable.begin(), listable.end(), own.substr(0, own.find(':'))) == listable.end()) {
            table.is_listed = false;
            return table;
        }
        const std::string shown = site::name_as_shown(own);
        m_context.transient("reading " + shown);
        const auto ran = postfix::run_command({"postmap", "-c", m_instance.config_directory(), "-s", own});
        if (!ran)
            return tl::unexpected<Error>(ran.error());
        if (ran->exit_status != 0)
            return fail(fmt::format("cannot read {}: {}", shown, words_of_postmap(own, ran->err)),
                        "Postfix cannot either: correct it first");
        std::istringstream lines(ran->out);
        for (std::string line; std::getline(lines, line);)
            if (const std::size_t tab = line.find('\t'); tab != std::string::npos)
                table.entries.emplace(policy::fold_case(line.substr(0, tab)), line.substr(tab + 1));
        return table;
    }

    Result<void> ask(std::string_view value, const std::set<std::string>& keys) {
        for (site::Table& table : m_site.tables[std::string(value)].list) {
            if (table.is_listed)
                continue;
            m_context.transient("asking " + site::name_as_shown(table.name));
            const auto found = keys_in_table(m_instance.config_directory(), table.name, keys);
            if (!found)
                return tl::unexpected<Error>(found.error());
            table.entries.insert(found->begin(), found->end());
        }
        return {};
    }

    std::set<std::string> sender_keys() const {
        const site::SenderSearch search(m_site);
        std::set<std::string> keys;
        for (const std::string& sender : named_senders(m_site, search).senders)
            for (std::string& key : search.keys(sender))
                keys.insert(std::move(key));
        return keys;
    }

    Result<void> ask_about_senders() {
        std::set<std::string> keys = sender_keys();
        for (const auto& [parameter, null_sender] :
             {std::pair{site::transport_maps, "empty_address_default_transport_maps_lookup_key"},
              std::pair{site::relayhost_maps, "empty_address_relayhost_maps_lookup_key"}}) {
            keys.insert(policy::fold_case(m_site.setting("", null_sender)));
            if (auto done = ask(m_site.setting("", parameter), keys); !done)
                return done;
        }
        return {};
    }

    Result<void> ask_about_next_hops() {
        const site::SenderSearch search(m_site);
        std::set<std::string> keys = sender_keys();
        std::set<std::string> senders = named_senders(m_site, search).senders;
        senders.emplace("*");
        for (const std::string& sender : senders)
            for (const std::string& hop : site::words_of(route_of(m_site, search, sender).next_hop)) {
                for (std::string& key : site::policy_keys(hop))
                    keys.insert(std::move(key));
                if (const auto parsed = site::parse_next_hop(hop, 25))
                    keys.insert(parsed->host);
            }
        std::set<std::string> values;
        for (const std::string_view parameter : {site::password_maps, site::policy_maps})
            each_client(
                [&](const std::string& service) { values.emplace(m_site.setting(service, parameter)); });
        for (const std::string& value : values)
            if (auto done = ask(value, keys); !done)
                return done;
        return {};
    }

    Context& m_context;
    const conf::Configuration& m_configuration;
    const postfix::Instance& m_instance;
    site::Site m_site;
};

} // namespace

Result<site::Site> read_site(Context& context, const conf::Configuration& configuration) {
    const auto instance = postfix::Instance::open(configuration.postfix.config_directory);
    if (!instance)
        return tl::unexpected<Error>(instance.error());
    return SiteReader(context, configuration, *instance).read();
}

} // namespace sendconnector::ctl
