// SPDX-License-Identifier: Apache-2.0
// Context: what one command works with: its command line, and ways to say something.
#pragma once

#include "conf/configuration.hpp"
#include "milter/ctl/command_line.hpp"
#include "milter/ctl/environment.hpp"
#include "milter/ctl/exit_code.hpp"
#include "milter/ctl/paint.hpp"
#include "policy/result.hpp"

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string_view>

namespace sendconnector::ctl {

// Keeps the order in which a person would want to read it.
using Json = nlohmann::ordered_json;

// Null, where there is nothing to say.
Json text_or_null(std::string_view text);

class Context {
public:
    Context(Environment& environment, Invocation invocation);
    Context(const Context&) = delete;
    Context& operator=(const Context&) = delete;

    const Invocation& invocation() const { return m_invocation; }
    bool json() const { return m_invocation.has("json"); }
    bool is_root() const { return m_environment.is_root; }
    const Paint& paint() const { return m_paint; } // for standard output
    // Columns of the terminal that standard output is; nothing: it is none.
    std::optional<std::size_t> width() const;

    // Data, to standard output, as it is.
    void print(std::string_view text);
    // A blank line before what is printed next, when there is something above it.
    void separate() { m_separates = m_has_printed; }
    // The same, indented; what is not UTF-8 is replaced.
    void print_json(const Json& json);
    // For who waits for what was printed. False when it goes nowhere any more.
    bool flush();

    // To standard error, escaped (conf/plain_text.hpp), each line of an error on its own:
    // "sendconnectorctl: note: ...".
    void note(std::string_view text);
    void warn(std::string_view text);
    // Returns could_not_tell, for `return context.fail(...)`.
    ExitCode fail(const Error& error);
    // Only for somebody who watches: nothing unless standard error is a terminal.
    void progress(std::string_view text);
    // The same, on a line that the next one replaces, cut to the terminal's width; empty: the line is gone.
    void transient(std::string_view text) const;
    // Asks who sits at the terminal; "y" and "yes" are yes. Nothing when nobody does.
    std::optional<bool> asks(std::string_view question);
    // Whether somebody who watches does without progress(), since the terminal cannot replace a line.
    bool is_dumb() const { return m_environment.is_dumb; }
    // Whether somebody sits there.
    bool can_ask() const { return m_environment.in != nullptr; }
    // Part of a conversation, to standard error, as it is; `paint_talk` is for that.
    void talk(std::string_view text);
    const Paint& paint_talk() const { return m_paint_error; }
    // What is typed, up to the line's end. Nothing when nothing more will come (Ctrl-D, and Ctrl-C where
    // `hidden`, which does not show what is typed).
    enum class Typing { shown, hidden };
    std::optional<std::string> typed(Typing typing = Typing::shown);
    // What has been typed so far is no answer to what is asked from now on.
    void forget_typed();
    // A finding in the way of the command, to standard error.
    void obstacle(const conf::Finding& finding);

    std::filesystem::path configuration_file() const;
    // load_configuration() of --config, with --postfix-config put in place; of files as they are to become.
    conf::Loaded load(std::span<const conf::FileChange> changes = {}) const;
    // The configuration, or its findings on standard error and nothing.
    std::optional<conf::Configuration> usable_configuration() { return usable_configuration(load()); }
    std::optional<conf::Configuration> usable_configuration(conf::Loaded loaded);
    // The findings that refuse it, to standard error.
    void obstacles(const std::vector<conf::Finding>& findings);

    // Runs another command on the same configuration; what it prints goes to standard error.
    ExitCode run_beside(const Command& command);

private:
    Environment& m_environment;
    Invocation m_invocation;
    Paint m_paint;
    Paint m_paint_error;
    bool m_has_printed = false;
    bool m_separates = false;
};

// The configuration; or, when only connectors are refused, one without any, which is enough for what concerns
// the installation and no message. Nothing when it does not say where things are.
std::optional<conf::Configuration> configuration_or_places(const Context& context,
                                                           const conf::Loaded& loaded);

// Nothing when the caller is root, else what to type.
std::optional<Error> wants_root(const Context& context);

} // namespace sendconnector::ctl
