// SPDX-License-Identifier: Apache-2.0
#include "milter/ctl/import_source.hpp"

#include "conf/exchange/read_export.hpp"
#include "conf/read_file.hpp"
#include "conf/site/sender_search.hpp"
#include "milter/ctl/queue_state.hpp"
#include "milter/ctl/site_reader.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

namespace sendconnector::ctl {
namespace {

namespace site = conf::site;

bool leads_relay_domains(const site::Site& postfix) {
    return !postfix.setting("", "relay_domains").empty() &&
           !postfix.setting("", site::relayhost_maps).empty();
}

// What of the site's settings makes a difference beside the connectors.
void advise(const site::Site& postfix, const conf::Configuration& configuration,
            std::vector<conf::exchange::Remark>& remarks) {
    const std::string_view theirs = postfix.setting("", "recipient_delimiter");
    const std::string& ours = configuration.policy->settings().recipient_delimiter;
    const site::NamedSenders named = named_senders(postfix, site::SenderSearch(postfix));
    const bool has_mailboxes =
        std::any_of(named.senders.begin(), named.senders.end(),
                    [](const auto& sender) { return sender.find('@', 1) != std::string::npos; });
    if (has_mailboxes && theirs != ours)
        remarks.push_back(
            {0,
             fmt::format("recipient_delimiter is \"{}\" in Postfix and \"{}\" here, so that mail from "
                         "subaddresses would go another way; set recipient_delimiter = \"{}\" in {}",
                         theirs, ours, theirs, "sendconnector.toml"),
             true});
    if (leads_relay_domains(postfix))
        remarks.push_back({0,
                           "sender_dependent_relayhost_maps also leads mail for relay_domains, which the "
                           "connectors leave alone: keep it in main.cf, or lead that mail by relay_transport",
                           false});
}

Result<std::string> standard_input(std::size_t limit) {
    std::string bytes;
    std::array<char, 65536> chunk{};
    while (true) {
        const ssize_t count = ::read(STDIN_FILENO, chunk.data(), chunk.size());
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return fail("standard input cannot be read: " + conf::error_text(errno), "name a file");
        if (count == 0)
            return bytes;
        bytes.append(chunk.data(), static_cast<std::size_t>(count));
        if (bytes.size() > limit)
            return fail(fmt::format("standard input is longer than {} octets", limit),
                        "export fewer connectors at a time");
    }
}

Result<std::string> octets_of(const std::string& file, std::size_t limit) {
    if (file == "-")
        return standard_input(limit);
    auto content = conf::read_file(AT_FDCWD, file, limit, conf::Links::follow);
    if (!content)
        return fail(fmt::format("{} {}", file, content.error().error.text), content.error().error.hint);
    return std::move(content->bytes);
}

Result<ImportSource> from_postfix(Context& context) {
    if (const auto error = wants_root(context))
        return tl::unexpected<Error>(*error);
    const conf::Loaded loaded = context.load();
    const std::optional<conf::Configuration> configuration = configuration_or_places(context, loaded);
    if (!configuration)
        return fail("the configuration does not say which Postfix is meant",
                    "see what sendconnectorctl check says");
    const Result<site::Site> read = read_site(context, *configuration);
    if (!read)
        return tl::unexpected<Error>(read.error());
    site::SiteConnectors made =
        site::connectors_of(*read, progress_line(context, "sorting senders by their way"));
    if (configuration->policy->settings().sender_identity != policy::SenderIdentity::envelope)
        for (conf::exchange::Object& object : made.reading.objects)
            object.properties.push_back({"SenderIdentity", conf::exchange::Value(std::string("envelope"))});
    advise(*read, *configuration, made.reading.remarks);
    return ImportSource{configuration->postfix.config_directory,
                        "Postfix",
                        std::move(made.reading),
                        std::move(made.credentials),
                        made.has_all_listed,
                        leads_relay_domains(*read)};
}

} // namespace

Result<ImportSource> import_source(Context& context, const std::string& file) {
    if (file == this_postfix)
        return from_postfix(context);
    std::string name = file == "-" ? "standard input" : file;
    context.transient("reading " + name);
    const Result<std::string> bytes = octets_of(file, conf::exchange::largest_export);
    if (!bytes)
        return tl::unexpected<Error>(bytes.error());
    auto read = conf::exchange::read_export(*bytes);
    if (!read)
        return fail(fmt::format("{}: {}", name, read.error().text), read.error().hint);
    return ImportSource{std::move(name), std::string(to_string(read->format)), std::move(read->reading)};
}

} // namespace sendconnector::ctl
