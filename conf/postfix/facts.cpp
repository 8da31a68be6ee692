// SPDX-License-Identifier: Apache-2.0
#include "conf/postfix/facts.hpp"

#include "conf/postfix/attachment_parts.hpp"
#include "conf/postfix/main_cf_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <fmt/format.h>
#include <pwd.h>
#include <sys/stat.h>
#include <tuple>

namespace sendconnector::conf::postfix {
namespace {

// The tables that count for envelope addresses only where their classes say so.
struct Classed {
    const char* parameter;
    const char* classes;
};
constexpr Classed rewriting_by_class[] = {{"canonical_maps", "canonical_classes"},
                                          {"masquerade_domains", "masquerade_classes"}};

constexpr const char* recipient_tables[] = {"virtual_alias_maps", "always_bcc", "sender_bcc_maps",
                                            "recipient_bcc_maps", "recipient_canonical_maps"};
// Their rules may redirect a message, or have a copy made.
constexpr const char* content_checks[] = {"header_checks", "mime_header_checks", "nested_header_checks",
                                          "body_checks", "milter_header_checks"};
constexpr const char* restrictions[] = {"smtpd_client_restrictions",     "smtpd_helo_restrictions",
                                        "smtpd_sender_restrictions",     "smtpd_relay_restrictions",
                                        "smtpd_recipient_restrictions",  "smtpd_data_restrictions",
                                        "smtpd_end_of_data_restrictions"};
constexpr const char* milter_lists[] = {"smtpd_milters", "non_smtpd_milters"};
constexpr const char* filter_parameters[] = {"content_filter", "smtpd_proxy_filter"};
constexpr const char* plain_parameters[] = {"message_size_limit",       "recipient_delimiter",
                                            "smtputf8_enable",          "myorigin",
                                            "default_transport",        "relayhost",
                                            "local_transport",          "virtual_transport",
                                            "relay_transport",          "mail_owner",
                                            "canonical_classes",        "masquerade_classes",
                                            "queue_directory",          "sender_canonical_maps",
                                            "sender_canonical_classes", "smtpd_restriction_classes",
                                            "maximal_queue_lifetime",   "smtpd_milter_maps"};

bool has_element(std::string_view value, std::string_view wanted) {
    const auto elements = list_elements(value);
    return std::any_of(elements.begin(), elements.end(), [&](const ListElement& element) {
        return value.substr(element.offset, element.length) == wanted;
    });
}

// Access tables and policy servers may say REDIRECT, BCC and FILTER (access(5)).
bool asks_others(std::string_view value) {
    const auto elements = list_elements(value);
    return std::any_of(elements.begin(), elements.end(), [&](const ListElement& element) {
        std::string_view name = value.substr(element.offset, element.length);
        name.remove_prefix(std::min(name.find_first_not_of("{ "), name.size()));
        return name.starts_with("check_");
    });
}

std::int64_t seconds(std::string_view text, char unit) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc()) {
        return 0;
    }
    if (end != text.data() + text.size()) {
        unit = *end;
    }
    switch (unit) {
    case 'm':
        return number * 60;
    case 'h':
        return number * 3600;
    case 'd':
        return number * 86'400;
    case 'w':
        return number * 604'800;
    default:
        return number;
    }
}

std::uint32_t uid_of(const std::string& user) {
    std::array<char, 16'384> texts{};
    passwd entry{};
    passwd* found = nullptr;
    return getpwnam_r(user.c_str(), &entry, texts.data(), texts.size(), &found) == 0 && found != nullptr
               ? found->pw_uid
               : UINT32_MAX;
}

// As main.cf says it: 0 is no limit.
std::uint64_t size_limit(const Values& main_cf) {
    std::uint64_t octets = Facts().message_size_limit;
    if (const auto found = main_cf.find("message_size_limit"); found != main_cf.end()) {
        std::from_chars(found->second.data(), found->second.data() + found->second.size(), octets);
    }
    return octets;
}

std::uint64_t largest(std::uint64_t limit) {
    return limit == 0 ? UINT64_MAX : limit;
}

class Reading {
public:
    explicit Reading(const std::vector<AttachmentPart>& own) : m_own(own) {}

    static std::vector<std::string> parameters() {
        std::vector<std::string> names = overridable();
        names.insert(names.end(), std::begin(plain_parameters), std::end(plain_parameters));
        return names;
    }

    // Those of them that services may set for themselves.
    static std::vector<std::string> overridable() {
        std::vector<std::string> names{"sender_canonical_maps", "smtpd_milter_maps"};
        const auto add = [&](const auto& list) {
            names.insert(names.end(), std::begin(list), std::end(list));
        };
        add(recipient_tables);
        add(content_checks);
        add(restrictions);
        add(milter_lists);
        add(filter_parameters);
        for (const Classed& table : rewriting_by_class) {
            names.emplace_back(table.parameter);
        }
        return names;
    }

    Facts from(const Values& main_cf, const Values& overrides) {
        values(main_cf);
        for (const auto& [name, value] : main_cf) {
            m_main_cf = &main_cf;
            look_at(name, value, "");
        }
        for (const auto& [path, value] : overrides) {
            const std::size_t slash = path.rfind('/');
            m_main_cf = nullptr;
            look_at(path.substr(slash + 1), value, path.substr(0, slash) + ": ");
        }
        return std::move(m_facts);
    }

private:
    template <class List>
    static bool is_in(const List& list, const std::string& name) {
        return std::find(std::begin(list), std::end(list), name) != std::end(list);
    }

    // A service's own table is believed to count for everything.
    bool counts_for(const char* classes, std::string_view address) const {
        if (m_main_cf == nullptr) {
            return true;
        }
        const auto found = m_main_cf->find(classes);
        return found == m_main_cf->end() || has_element(found->second, address);
    }

    std::string without_ours(const std::string& name, std::string value) const {
        for (const AttachmentPart& part : m_own) {
            if (part.parameter == name) {
                value = without_entry(part.entry, value);
            }
        }
        return value;
    }

    // Their default.
    bool repeats_header_checks(const std::string& name, const std::string& value) const {
        return m_main_cf != nullptr && (name == "mime_header_checks" || name == "nested_header_checks") &&
               m_main_cf->contains("header_checks") && m_main_cf->at("header_checks") == value;
    }

    void look_at(const std::string& name, const std::string& value, const std::string& service) {
        const std::string left = without_ours(name, value);
        if (left.find_first_not_of(", \t") == std::string::npos || repeats_header_checks(name, value)) {
            return;
        }
        const std::string text = fmt::format("{}{} = {}", service, name, left);
        if (is_in(filter_parameters, name)) {
            m_facts.filters.push_back(text);
        }
        if (is_in(recipient_tables, name) || is_in(milter_lists, name) || name == "smtpd_milter_maps" ||
            name == "smtpd_restriction_classes" || is_in(content_checks, name) ||
            (is_in(restrictions, name) && asks_others(left))) {
            m_facts.expansions.push_back(text);
            if (is_in(milter_lists, name) || name == "smtpd_milter_maps") {
                m_facts.sender_rewriting.push_back(text);
            }
        }
        if (name == "sender_canonical_maps" && counts_for("sender_canonical_classes", "envelope_sender")) {
            m_facts.sender_rewriting.push_back(text);
        }
        for (const Classed& table : rewriting_by_class) {
            if (name == table.parameter && counts_for(table.classes, "envelope_recipient")) {
                m_facts.expansions.push_back(text);
            }
            if (name == table.parameter && counts_for(table.classes, "envelope_sender")) {
                m_facts.sender_rewriting.push_back(text);
            }
        }
    }

    void values(const Values& main_cf) {
        const auto value = [&](const char* name) {
            const auto found = main_cf.find(name);
            return found == main_cf.end() ? std::string() : found->second;
        };
        m_facts.message_size_limit = size_limit(main_cf);
        m_facts.recipient_delimiter = value("recipient_delimiter");
        m_facts.smtputf8 = value("smtputf8_enable") == "yes";
        m_facts.myorigin = value("myorigin");
        m_facts.default_transport = value("default_transport");
        m_facts.relayhost = value("relayhost");
        m_facts.local_transport = value("local_transport");
        m_facts.virtual_transport = value("virtual_transport");
        m_facts.relay_transport = value("relay_transport");
        m_facts.maximal_queue_lifetime = seconds(value("maximal_queue_lifetime"), 'd');
        m_facts.mail_owner_uid = uid_of(value("mail_owner"));
    }

    const std::vector<AttachmentPart>& m_own;
    const Values* m_main_cf = nullptr;
    Facts m_facts;
};

} // namespace

FileMark file_mark(const std::string& path) {
    struct stat status {};
    if (stat(path.c_str(), &status) != 0) {
        return {};
    }
    return {status.st_size, status.st_mtim.tv_sec * 1'000'000'000 + status.st_mtim.tv_nsec, status.st_ino};
}

OwnChange::OwnChange(FileMark& mark, std::string path)
    : m_mark(mark), m_path(std::move(path)), m_known(mark.size >= 0 && file_mark(m_path) == mark) {}

bool OwnChange::done() {
    if (m_known) {
        m_mark = file_mark(m_path);
    }
    return m_known;
}

ConfigMarks config_marks(const std::string& config_directory) {
    return {file_mark(config_directory + "/main.cf"), file_mark(config_directory + "/master.cf")};
}

bool Facts::maps_recipients() const {
    constexpr std::string_view keeping[] = {
        "always_bcc",         "sender_bcc_maps",      "recipient_bcc_maps", "header_checks",
        "mime_header_checks", "nested_header_checks", "body_checks",        "milter_header_checks",
        "smtpd_milters",      "non_smtpd_milters"};
    return std::any_of(expansions.begin(), expansions.end(), [&](std::string_view entry) {
        auto name = entry.substr(0, entry.find(" = "));
        if (const auto service = name.rfind(": "); service != std::string_view::npos) {
            name.remove_prefix(service + 2);
        }
        return std::find(std::begin(keeping), std::end(keeping), name) == std::end(keeping) &&
               !name.starts_with("smtpd_");
    });
}

Facts Facts::unknown() {
    const std::string text = "not known yet: run sendconnectorctl apply";
    Facts facts;
    facts.expansions = facts.sender_rewriting = {text};
    facts.known = false;
    return facts;
}

bool Facts::same_as(const Facts& other) const {
    const auto all = [](const Facts& facts) {
        return std::tie(facts.expansions, facts.sender_rewriting, facts.filters, facts.message_size_limit,
                        facts.recipient_delimiter, facts.smtputf8, facts.myorigin, facts.default_transport,
                        facts.relayhost, facts.local_transport, facts.virtual_transport,
                        facts.relay_transport, facts.mail_owner_uid, facts.maximal_queue_lifetime);
    };
    return all(*this) == all(other);
}

std::string to_string(const Facts& facts) {
    std::string text;
    for (const auto& [what, list] : {std::pair("may change recipients", &facts.expansions),
                                     std::pair("may change the sender", &facts.sender_rewriting),
                                     std::pair("filters", &facts.filters)}) {
        for (const std::string& entry : *list) {
            text += fmt::format("{}: {}\n", what, entry);
        }
    }
    return text + fmt::format("message_size_limit = {}\nrecipient_delimiter = {}\nsmtputf8_enable = {}\n"
                              "myorigin = {}\nuser ID of mail_owner = {}\nmaximal_queue_lifetime = {}s\n"
                              "default_transport = {}\nrelayhost = {}\nlocal_transport = {}\n"
                              "virtual_transport = {}\nrelay_transport = {}\n",
                              facts.message_size_limit, facts.recipient_delimiter,
                              facts.smtputf8 ? "yes" : "no", facts.myorigin, facts.mail_owner_uid,
                              facts.maximal_queue_lifetime, facts.default_transport, facts.relayhost,
                              facts.local_transport, facts.virtual_transport, facts.relay_transport);
}

std::uint64_t most_octets(const Facts& facts) {
    return largest(facts.message_size_limit);
}

Result<std::uint64_t> most_octets(const Instance& instance) {
    return instance.parameters({"message_size_limit"}).map([](const Values& main_cf) {
        return largest(size_limit(main_cf));
    });
}

Result<Facts> read_facts(const Configuration& configuration, const Instance& instance) {
    const ConfigMarks marks = config_marks(instance.config_directory());
    const auto main_cf = instance.parameters(Reading::parameters());
    const auto overrides = instance.site_overrides(Reading::overridable());
    if (!main_cf || !overrides) {
        return tl::unexpected(!main_cf ? main_cf.error() : overrides.error());
    }
    // Nothing is ours where it cannot be attached at all.
    const auto own = attachment_parts(configuration, instance, largest(size_limit(*main_cf)));
    const std::vector<AttachmentPart> nothing;
    Facts facts = Reading(own ? *own : nothing).from(*main_cf, *overrides);
    facts.marks = marks;
    return facts;
}

} // namespace sendconnector::conf::postfix
