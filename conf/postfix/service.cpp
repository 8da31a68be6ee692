// SPDX-License-Identifier: Apache-2.0
#include "conf/postfix/service.hpp"

#include "conf/postfix/header_tables.hpp"
#include "conf/postfix/reply_table.hpp"
#include "conf/postfix/service_options.hpp"
#include "conf/postfix/sha256.hpp"
#include "conf/postfix/tables.hpp"
#include "conf/postfix/values.hpp"
#include "conf/slug.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace sendconnector::conf::postfix {
namespace {

// The fields of an entry, without the braces that some are quoted with.
std::vector<std::string> fields(std::string_view entry) {
    std::vector<std::string> list;
    std::string_view rest = entry;
    for (;;) {
        rest.remove_prefix(std::min(rest.find_first_not_of(" \t\r\n"), rest.size()));
        if (rest.empty()) {
            return list;
        }
        std::size_t end = 0;
        int depth = 0;
        for (; end < rest.size() &&
               (depth > 0 || std::string_view(" \t\r\n").find(rest[end]) == std::string_view::npos);
             ++end) {
            depth += rest[end] == '{' ? 1 : rest[end] == '}' ? -1 : 0;
        }
        std::string_view field = rest.substr(0, end);
        rest.remove_prefix(end);
        if (field.size() >= 2 && field.front() == '{' && field.back() == '}') {
            field = field.substr(1, field.size() - 2);
            field.remove_prefix(std::min(field.find_first_not_of(' '), field.size()));
            field = field.substr(0, field.find_last_not_of(' ') + 1);
        }
        list.emplace_back(field);
    }
}

Result<void> check_credential(const Credential& credential, const std::string& connector) {
    const auto unfit = [](const std::string& text) {
        return std::any_of(text.begin(), text.end(),
                           [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }) ||
               (!text.empty() && (text.front() == ' ' || text.back() == ' '));
    };
    if (credential.username.empty() || credential.username.find(':') != std::string::npos ||
        unfit(credential.username) || unfit(credential.password)) {
        return fail(
            fmt::format("the credential of connector \"{}\" cannot be written for Postfix", connector),
            "no colon in the username, no control characters, no blanks at either end");
    }
    return {};
}

} // namespace

std::string Service::master_cf_entry() const {
    return with_options(fmt::format("{} unix - - {} - - smtp", name, chroot), options);
}

std::string Service::digest() const {
    std::string text = master_cf_entry();
    for (const RenderedFile& file : files) {
        text += fmt::format("\n{} {:o}\n{}", file.name, file.mode, file.is_secret() ? "" : file.content);
    }
    return sha256_hex(text);
}

Result<Service> render_service(const policy::SendConnector& connector,
                               const std::optional<Credential>& credential, const RenderContext& context) {
    const std::string slug = conf::slug(connector.name);
    Service service{conf::service_name(connector.name), connector.name, context.chroot, {}, {}};
    if (auto fit = check_table_path(context.files_directory, "the folder for Postfix' files"); !fit) {
        return tl::unexpected(fit.error());
    }
    if (credential) {
        if (auto fit = check_credential(*credential, connector.name); !fit) {
            return tl::unexpected(fit.error());
        }
        service.files.push_back({slug + ".sasl", 0600, password_map(connector, *credential)});
    }
    if (context.relays_as.empty()) {
        service.files.push_back({std::string(own_headers_name), 0644, own_headers()});
    } else {
        auto marks = relay_headers(slug, context.relays_as);
        if (!marks) {
            return tl::unexpected(marks.error());
        }
        service.files.push_back({slug + ".relay", 0644, std::move(*marks)});
    }
    if (!connector.cloud_services_mail_enabled) {
        service.files.push_back({std::string(header_firewall_name), 0644, header_firewall()});
    }
    if (policy::tls_requirement(connector).mode == policy::TlsMode::mta_sts) {
        service.files.push_back({std::string(mta_sts_floor_name), 0644, mta_sts_floor()});
    }
    if (std::string filter = status_filter(connector); !filter.empty()) {
        service.files.push_back({slug + ".status", 0644, std::move(filter)});
    }
    if (std::string replies = reply_table(connector); !replies.empty()) {
        service.files.push_back({slug + ".replies", 0644, std::move(replies)});
    }
    auto options = service_options(connector, credential.has_value(), context);
    if (!options) {
        return tl::unexpected(options.error());
    }
    service.options = std::move(*options);
    return service;
}

std::string with_options(std::string entry, const Options& options) {
    for (const auto& [parameter, value] : options) {
        const bool quoted = value.find_first_of(" \t{}") != std::string::npos;
        entry += quoted ? fmt::format(" -o {{{}={}}}", parameter, value)
                        : fmt::format(" -o {}={}", parameter, value);
    }
    return entry;
}

bool same_entry(std::string_view left, std::string_view right) {
    return fields(left) == fields(right);
}

} // namespace sendconnector::conf::postfix
