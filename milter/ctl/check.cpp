// SPDX-License-Identifier: Apache-2.0
#include "conf/postfix/apply.hpp"
#include "conf/secrets.hpp"
#include "milter/ctl/advice.hpp"
#include "milter/ctl/commands.hpp"
#include "milter/ctl/findings.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace sendconnector::ctl {
namespace {

struct Checked {
    std::vector<conf::Finding> findings;
    std::optional<conf::Configuration> configuration;
    bool saw_postfix = false;
    std::optional<Error> left_out; // why not
    bool could_not_tell = false;   // it should have been looked at and could not
};

void check_postfix(const Context& context, Checked& checked) {
    const std::string& directory = checked.configuration->postfix.config_directory;
    if (!context.is_root()) {
        checked.left_out = Error{"only root can look at it",
                                 "run as root: " + to_run_as_root(context.invocation(), "check")};
        return;
    }
    if (std::error_code ignored; !std::filesystem::exists(directory + "/main.cf", ignored)) {
        checked.left_out = Error{fmt::format("{} has no main.cf", directory)};
        return;
    }
    const auto plan =
        conf::postfix::Instance::open(directory).and_then([&](const conf::postfix::Instance& instance) {
            return conf::postfix::plan(*checked.configuration, instance);
        });
    checked.saw_postfix = plan.has_value();
    checked.could_not_tell = !plan;
    if (plan)
        add_new(checked.findings, plan->findings);
    else
        checked.left_out = plan.error();
}

Checked check_all(const Context& context) {
    conf::Loaded loaded = context.load();
    Checked checked;
    checked.findings = std::move(loaded.findings);
    checked.configuration = std::move(loaded.configuration);
    if (checked.configuration) {
        add_new(checked.findings, conf::check_files(*checked.configuration));
        check_postfix(context, checked);
    }
    return checked;
}

std::string summary(const Checked& checked) {
    const std::string counts = to_string(count(checked.findings));
    if (conf::refuses(checked.findings))
        return counts;
    const std::string extent = extent_of(*checked.configuration->policy);
    return fmt::format("fine: {}{}{}", extent, counts.empty() ? "" : ", ", counts);
}

Json json_of(const Checked& checked) {
    const FindingCount counts = count(checked.findings);
    Json json = {{"usable", !conf::refuses(checked.findings)},
                 {"errors", counts.errors},
                 {"not_served", counts.not_served},
                 {"warnings", counts.warnings},
                 {"findings", to_json(checked.findings)}};
    json["connectors"] =
        checked.configuration ? Json(checked.configuration->policy->connectors().size()) : Json();
    json["postfix"] = {{"checked", checked.saw_postfix},
                       {"reason", checked.left_out ? Json(to_string(*checked.left_out)) : Json()}};
    return json;
}

} // namespace

ExitCode check(Context& context) {
    const Checked checked = check_all(context);
    const bool refused = conf::refuses(checked.findings);
    if (context.json()) {
        context.print_json(json_of(checked));
    } else {
        context.print(lines_of(checked.findings, context.paint()));
        if (checked.left_out)
            context.print(fmt::format("Postfix was left out: {}\n", to_string(*checked.left_out)));
        context.print(context.paint()(refused ? Colour::bad : Colour::good, summary(checked)) + "\n");
    }
    if (refused)
        return ExitCode::no;
    return checked.could_not_tell ? ExitCode::could_not_tell : ExitCode::fine;
}

} // namespace sendconnector::ctl
