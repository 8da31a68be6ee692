// SPDX-License-Identifier: Apache-2.0
#include "milter/ctl/context.hpp"

#include "conf/plain_text.hpp"
#include "milter/ctl/advice.hpp"
#include "milter/ctl/watched_validation.hpp"

#include <algorithm>
#include <chrono>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <utility>

namespace sendconnector::ctl {
namespace {

constexpr std::string_view default_configuration_file = "/etc/sendconnector/sendconnector.toml";

// As Postfix wants its config_directory: "/etc/postfix-out", without "..", without a slash at the end.
std::string absolute_path(const std::string& path) {
    std::string absolute = std::filesystem::absolute(path).lexically_normal().string();
    if (absolute.size() > 1 && absolute.back() == '/')
        absolute.pop_back();
    return absolute;
}

bool wants_colour(WhenColour when, bool is_terminal, bool no_color) {
    switch (when) {
    case WhenColour::always:
        return true;
    case WhenColour::never:
        return false;
    case WhenColour::automatic:
        break;
    }
    return is_terminal && !no_color;
}

} // namespace

Json text_or_null(std::string_view text) {
    return text.empty() ? Json() : Json(text);
}

Context::Context(Environment& environment, Invocation invocation)
    : m_environment(environment), m_invocation(std::move(invocation)),
      m_paint(wants_colour(m_invocation.colour, environment.out_is_terminal && !environment.is_dumb,
                           environment.no_color)),
      m_paint_error(wants_colour(m_invocation.colour, environment.err_is_terminal && !environment.is_dumb,
                                 environment.no_color)) {}

std::optional<std::size_t> Context::width() const {
    return m_environment.out_is_terminal ? std::optional(m_environment.columns) : std::nullopt;
}

void Context::print(std::string_view text) {
    if (text.empty())
        return;
    m_environment.out << (m_separates ? "\n" : "") << text;
    m_separates = false;
    m_has_printed = true;
}

void Context::print_json(const Json& json) {
    m_environment.out << json.dump(2, ' ', false, Json::error_handler_t::replace) << "\n";
}

bool Context::flush() {
    m_environment.out.flush();
    return m_environment.out.good();
}

void Context::note(std::string_view text) {
    m_environment.err << "sendconnectorctl: note: " << conf::escaped(text) << "\n";
}

void Context::warn(std::string_view text) {
    m_environment.err << "sendconnectorctl: " << m_paint_error(Colour::doubtful, "warning:") << " "
                      << conf::escaped(text) << "\n";
}

ExitCode Context::fail(const Error& error) {
    const std::string text = to_string(error);
    m_environment.err << "sendconnectorctl: " << m_paint_error(Colour::bad, "error:") << " ";
    for (std::size_t begin = 0; begin <= text.size();) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        m_environment.err << conf::escaped(std::string_view(text).substr(begin, end - begin)) << "\n";
        begin = end + 1;
    }
    return ExitCode::could_not_tell;
}

void Context::progress(std::string_view text) {
    if (m_environment.err_is_terminal)
        m_environment.err << m_paint_error(Colour::faint, conf::escaped(text)) << std::endl;
}

void Context::transient(std::string_view text) const {
    if (!m_environment.err_is_terminal || m_environment.is_dumb)
        return;
    // Three for the mark of a cut, and one free: some terminals wrap when the last is written to.
    const std::string shown =
        conf::shortened(conf::escaped(text), std::max<std::size_t>(m_environment.columns, 8) - 4);
    m_environment.err << "\r\x1b[K" << (shown.empty() ? shown : m_paint_error(Colour::faint, shown))
                      << std::flush;
}

std::optional<bool> Context::asks(std::string_view question) {
    if (m_environment.in == nullptr)
        return std::nullopt;
    talk(conf::escaped(question) + " [y/N] ");
    const std::string answer = typed().value_or("");
    return answer == "y" || answer == "Y" || answer == "yes";
}

void Context::talk(std::string_view text) {
    m_environment.err << text << std::flush;
}

std::optional<std::string> Context::typed(Typing typing) {
    if (m_environment.in == nullptr)
        return std::nullopt;
    if (typing == Typing::hidden && m_environment.read_hidden != nullptr)
        return m_environment.read_hidden();
    std::string line;
    if (!std::getline(*m_environment.in, line))
        return std::nullopt;
    return line;
}

void Context::forget_typed() {
    if (m_environment.forget_typed != nullptr)
        m_environment.forget_typed();
}

void Context::obstacle(const conf::Finding& finding) {
    const Colour colour = finding.severity == conf::Severity::error ? Colour::bad : Colour::doubtful;
    m_environment.err << m_paint_error(colour, conf::to_string(finding)) << "\n";
}

std::filesystem::path Context::configuration_file() const {
    return m_invocation.value("config", default_configuration_file);
}

conf::Loaded Context::load(std::span<const conf::FileChange> changes) const {
    // Nobody waits for what takes a moment.
    constexpr std::chrono::milliseconds moment{500};
    const auto since = std::chrono::steady_clock::now();
    bool shows = false;
    const auto show = [&](std::uint64_t done, std::uint64_t all) {
        if (std::chrono::steady_clock::now() - since < moment)
            return;
        shows = true;
        transient(bar(done * 100 / all, 100, "percent of the senders are loaded"));
    };
    conf::Loaded loaded = conf::load_configuration(configuration_file(), changes, show);
    if (shows)
        transient("");
    if (!m_invocation.has("postfix-config"))
        return loaded;
    const std::string directory = absolute_path(m_invocation.value("postfix-config"));
    if (loaded.configuration)
        loaded.configuration->postfix.config_directory = directory;
    if (loaded.places)
        loaded.places->postfix.config_directory = directory;
    return loaded;
}

std::optional<conf::Configuration> Context::usable_configuration(conf::Loaded loaded) {
    if (loaded.configuration)
        return std::move(loaded.configuration);
    obstacles(loaded.findings);
    fail({"the configuration cannot be used", to_run(m_invocation, "check") + " says the same and more"});
    return std::nullopt;
}

void Context::obstacles(const std::vector<conf::Finding>& findings) {
    for (const conf::Finding& finding : findings)
        if (finding.severity != conf::Severity::warning)
            obstacle(finding);
}

ExitCode Context::run_beside(const Command& command) {
    m_environment.out.flush();
    Environment beside{.out = m_environment.err,
                       .err = m_environment.err,
                       .out_is_terminal = m_environment.err_is_terminal,
                       .err_is_terminal = m_environment.err_is_terminal,
                       .columns = m_environment.columns,
                       .no_color = m_environment.no_color,
                       .is_root = m_environment.is_root,
                       .in = m_environment.in,
                       .is_dumb = m_environment.is_dumb,
                       .read_hidden = m_environment.read_hidden,
                       .forget_typed = m_environment.forget_typed};
    Invocation invocation;
    invocation.command = &command;
    invocation.colour = m_invocation.colour;
    for (const char* option : {"config", "postfix-config"})
        if (m_invocation.has(option))
            invocation.options[option] = m_invocation.values(option);
    Context other(beside, std::move(invocation));
    return command.run(other);
}

std::optional<conf::Configuration> configuration_or_places(const Context& context,
                                                           const conf::Loaded& loaded) {
    if (loaded.configuration || !loaded.places)
        return loaded.configuration;
    Result<policy::Policy> nobody = policy::Policy::make({}, {});
    if (!nobody)
        return std::nullopt;
    return conf::Configuration{.file = context.configuration_file(),
                               .daemon = loaded.places->daemon,
                               .postfix = loaded.places->postfix,
                               .tls = {},
                               .policy = std::make_shared<const policy::Policy>(std::move(*nobody)),
                               .origins = {},
                               .without_effect = {}};
}

std::optional<Error> wants_root(const Context& context) {
    if (context.is_root())
        return std::nullopt;
    const std::string_view name = context.invocation().command->name;
    return Error{fmt::format("{} must be root", name),
                 "run as root: " + to_run_as_root(context.invocation(), name)};
}

} // namespace sendconnector::ctl
