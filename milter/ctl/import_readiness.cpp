// SPDX-License-Identifier: Apache-2.0
#include "milter/ctl/import_readiness.hpp"

#include "conf/postfix/apply.hpp"
#include "conf/secrets.hpp"
#include "milter/ctl/advice.hpp"
#include "milter/ctl/collect.hpp"
#include "milter/ctl/findings.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace sendconnector::ctl {
namespace {

namespace postfix = conf::postfix;
namespace site = conf::site;

// That a file which an import would write is not there yet.
bool is_of_unreadable_credential(const conf::Configuration& configuration, const conf::Finding& finding) {
    const policy::SendConnector* const connector = configuration.policy->find(finding.connector);
    if (connector == nullptr || connector->authentication_credential.empty())
        return false;
    const auto read =
        conf::read_credential(configuration.credentials_directory(), connector->authentication_credential);
    return !read && finding.text.ends_with(read.error().text);
}

bool is_of_relayhost_maps(const conf::Finding& finding) {
    return finding.text.find(fmt::format("main.cf has {} = ", site::relayhost_maps)) != std::string::npos;
}

bool is_in_use(const ImportedConnector& connector, const policy::Policy& policy) {
    if (connector.step == ImportStep::refused || connector.step == ImportStep::passed_over)
        return false;
    const policy::SendConnector* const found = policy.find(connector.imported.name);
    return found != nullptr && found->enabled;
}

// Why main.cf cannot do without the parameter yet; nothing: it can.
std::optional<Error> need_of_relayhost_maps(const ImportSource& source, const ImportOutcome& outcome,
                                            const policy::Policy& policy) {
    const bool all_in_use = std::ranges::all_of(
        outcome.connectors, [&](const ImportedConnector& each) { return is_in_use(each, policy); });
    if (!source.has_all_listed || !all_in_use)
        return Error{fmt::format("{} is still needed: not every sender of the tables has a connector in use",
                                 site::relayhost_maps),
                     "see to what is named above and import again; until then leave it as it is"};
    if (!std::ranges::all_of(outcome.refusals, is_of_relayhost_maps))
        return Error{fmt::format("{} is not the only thing in the way of apply", site::relayhost_maps),
                     "see to the others first and import again; until then leave it as it is"};
    return std::nullopt;
}

std::string in_instance(const char* program, const std::string& directory, const std::string& arguments) {
    return fmt::format("sudo {}{} {}", program,
                       directory == "/etc/postfix" ? "" : " -c " + shell_word(directory), arguments);
}

std::string on_one_line(std::string text) {
    std::replace(text.begin(), text.end(), '\n', ' ');
    return text;
}

} // namespace

Result<std::vector<conf::Finding>> refusals_of_apply(const conf::Configuration& configuration, bool dry_run) {
    const auto plan = postfix::Instance::open(configuration.postfix.config_directory)
                          .and_then([&](const postfix::Instance& instance) {
                              return postfix::plan(configuration, instance);
                          });
    if (!plan)
        return tl::unexpected<Error>(plan.error());
    std::vector<conf::Finding> findings = conf::check_files(configuration);
    add_new(findings, plan->findings);
    add_new(findings, missing_collector(configuration));
    std::erase_if(findings, [&](const conf::Finding& finding) {
        return finding.severity == conf::Severity::warning ||
               (dry_run && is_of_unreadable_credential(configuration, finding));
    });
    return findings;
}

bool is_about_relayhost_maps(const std::vector<conf::Finding>& refusals) {
    return std::ranges::any_of(refusals, is_of_relayhost_maps);
}

void say_how_to_end_relayhost_maps(Context& context, const ImportSource& source, const ImportOutcome& outcome,
                                   const conf::Configuration& configuration) {
    if (const auto need = need_of_relayhost_maps(source, outcome, *configuration.policy)) {
        context.fail(*need);
        return;
    }
    const std::string& directory = configuration.postfix.config_directory;
    const auto written = postfix::Instance::open(directory).and_then([](const postfix::Instance& instance) {
        return instance.main_cf_values({std::string(site::relayhost_maps)});
    });
    if (!written) {
        context.fail(written.error());
        return;
    }
    const auto value = written->find(std::string(site::relayhost_maps));
    if (source.leads_relay_domains)
        context.warn(fmt::format("{} leads mail for relay_domains too, which connectors leave alone: first "
                                 "see that relay_transport or transport_maps lead it",
                                 site::relayhost_maps));
    context.note(
        fmt::format("the connectors do all that {} does, and it must be empty for those that deliver "
                    "by MX. With Postfix stopped no mail goes another way in between:",
                    site::relayhost_maps));
    const std::string steps[] = {
        in_instance("postfix", directory, "stop"),
        in_instance("postconf", directory, fmt::format("-e {}=", site::relayhost_maps)),
        to_run_as_root(context.invocation(), "apply"), to_run_as_root(context.invocation(), "enable"),
        in_instance("postfix", directory, "start")};
    for (const std::string& step : steps)
        context.note("    " + step + (&step == std::end(steps) - 1 ? "" : " &&"));
    context.note("should one of them fail, and before each disable, go back with Postfix stopped:");
    context.note("    " +
                 in_instance("postconf", directory,
                             "-e " + shell_word(fmt::format(
                                         "{} = {}", site::relayhost_maps,
                                         value == written->end() ? "" : on_one_line(value->second)))));
}

} // namespace sendconnector::ctl
