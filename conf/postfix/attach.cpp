// SPDX-License-Identifier: Apache-2.0
#include "conf/postfix/attach.hpp"

#include "conf/postfix/applied.hpp"
#include "conf/postfix/attachment_parts.hpp"
#include "conf/postfix/attachment_record.hpp"
#include "conf/postfix/config_edit.hpp"
#include "conf/postfix/desired.hpp"
#include "conf/postfix/durable_file.hpp"
#include "conf/postfix/facts.hpp"
#include "conf/postfix/split_services.hpp"
#include "conf/postfix/state_lock.hpp"
#include "conf/postfix/tables.hpp"
#include "conf/postfix/transaction.hpp"

#include <fmt/format.h>
#include <memory>

namespace sendconnector::conf::postfix {
namespace {

// main.cf, changed parameter by parameter.
class Enabling {
public:
    Enabling(const Configuration& configuration, Instance& instance)
        : m_configuration(configuration), m_instance(instance),
          m_state(configuration.daemon.state_directory) {}

    Result<AttachReport> run() {
        const SignalDelay signals;
        Transaction transaction;
        for (auto step : {&Enabling::begin, &Enabling::note, &Enabling::write_rule_table, &Enabling::edit,
                          &Enabling::commit, &Enabling::reload}) {
            Result<void> done;
            if (signals.interrupted()) {
                done = fail("interrupted by a signal");
            } else {
                done = (this->*step)(transaction);
            }
            if (!done) {
                return transaction.roll_back(std::move(done.error()));
            }
        }
        transaction.keep();
        return std::move(m_report);
    }

    // main.cf only, as a step of another's transaction, which is not to outlive this.
    Result<void> run_within(Transaction& transaction) {
        for (auto step : {&Enabling::begin, &Enabling::edit, &Enabling::commit}) {
            if (auto done = (this->*step)(transaction); !done) {
                return done;
            }
        }
        return {};
    }

private:
    Result<void> begin(Transaction& transaction) {
        // Undone last, when main.cf is what it was.
        transaction.on_undo(
            [this] { return m_report.postfix_reloaded ? m_instance.reload() : Result<void>(); });
        auto parts = attachment_parts(m_configuration, m_instance);
        auto record = read_attachment(m_state);
        if (!parts || !record) {
            return tl::unexpected(!parts ? parts.error() : record.error());
        }
        if (!record->parameters.empty() && record->config_directory != m_instance.config_directory()) {
            return fail(
                fmt::format("{} is in use for the Postfix instance {}", m_state, record->config_directory),
                "choose another state_directory, or disable that instance first");
        }
        m_parts = std::move(*parts);
        m_record = std::move(*record);
        m_record.config_directory = m_instance.config_directory();
        return {};
    }

    Result<void> write_rule_table(Transaction& transaction) {
        const std::filesystem::path folder = files_directory(m_configuration);
        const std::filesystem::path table = folder / route_checks_name;
        if (std::error_code error; !std::filesystem::exists(folder, error)) {
            transaction.on_undo([folder]() -> Result<void> {
                std::error_code ignored;
                std::filesystem::remove(folder, ignored);
                return {};
            });
        }
        if (auto made = ensure_private_directory(folder); !made) {
            return made;
        }
        const auto there = read_file(table);
        if (!there) {
            return tl::unexpected(there.error());
        }
        const auto site = m_instance.parameters({"default_transport", "relayhost"});
        if (!site) {
            return tl::unexpected(site.error());
        }
        const std::string rules =
            route_checks(default_route(site->at("default_transport"), site->at("relayhost")));
        if (*there == rules) {
            return {};
        }
        transaction.on_undo([table, before = *there]() -> Result<void> {
            return before ? write_file(table, *before, 0644) : remove_file(table);
        });
        return write_file(table, rules, 0644);
    }

    Result<void> edit(Transaction&) {
        auto edit = ConfigEdit::begin(m_instance.config_directory(), ConfigKind::main_cf);
        if (!edit) {
            return tl::unexpected(edit.error());
        }
        m_edit.emplace(std::move(*edit));
        Values set;
        for (const AttachmentPart& part : m_parts) {
            if (auto done = edit_one(part, set); !done) {
                return done;
            }
        }
        return {};
    }

    Result<void> edit_one(const AttachmentPart& part, Values& set) {
        const auto effective = values_of({part}, m_instance, m_edit->text(), set);
        const auto written = written_value(part, m_instance, m_edit->text());
        if (!effective || !written) {
            return tl::unexpected(!effective ? effective.error() : written.error());
        }
        const std::string& name = part.parameter;
        if (presence(part, effective->at(name)) == Presence::present) {
            return {};
        }
        const std::string text = terminated(m_edit->text());
        const std::vector<std::string> now = occurrences(text, name);
        const std::string& was = *written;
        ParameterRecord record{part.entry, now, {}};
        std::string value = was;
        if (const auto old = m_record.parameters.find(name); old != m_record.parameters.end()) {
            // Ours, at another place or for another socket: what was there before it stays what disable puts
            // back.
            value = without_entry(old->second.entry, value);
            if (old->second.after == now || put_back(text, name, old->second)) {
                record.before = old->second.before;
            }
        }
        value = with_entry(part, value);
        if (auto done = m_edit->run_postconf({{"-e", fmt::format("{}={}", name, value)}},
                                             [&](const std::string& line) { return line == name; });
            !done) {
            return done;
        }
        record.after = after_postconf(now, name, value);
        if (!put_back(m_edit->text(), name, record)) {
            return fail(fmt::format("postconf set {} in a way that could not be taken back", name),
                        "nothing was changed; look for unusual lines in main.cf");
        }
        m_record.parameters[name] = std::move(record);
        if (part.place != AttachmentPart::Place::only) {
            set[name] = value;
        }
        m_report.changed.push_back(
            fmt::format("{}: was {}, is {}", name, was.empty() ? "empty" : was, value));
        return {};
    }

    static std::string terminated(std::string text) {
        if (!text.empty() && text.back() != '\n') {
            text += '\n';
        }
        return text;
    }

    Result<void> commit(Transaction& transaction) {
        if (m_report.changed.empty()) {
            m_edit.reset();
            return {};
        }
        const auto record_before = read_file(attachment_file(m_state));
        if (!record_before) {
            return tl::unexpected(record_before.error());
        }
        const std::string before = m_edit->before();
        const std::string after = m_edit->text();
        if (!before.empty() && before.back() != '\n') {
            m_record.unterminated_line = before.substr(before.rfind('\n') + 1);
        }
        transaction.on_undo([this, old = *record_before]() -> Result<void> {
            return old ? write_file(attachment_file(m_state), *old, 0600)
                       : remove_file(attachment_file(m_state));
        });
        // First the record: a main.cf without it could not be taken back byte for byte.
        if (auto written = write_attachment(m_state, m_record); !written) {
            return written;
        }
        if (auto done = commit_main_cf(); !done) {
            return done;
        }
        transaction.on_undo([this, before, after] {
            return restore_text(m_instance.config_directory(), ConfigKind::main_cf, after, before);
        });
        return {};
    }

    // What is on record of main.cf holds on, for what we change in it changes none of that.
    Result<void> commit_main_cf() {
        auto applied = read_applied(m_state);
        const bool recorded = applied && applied->config_directory == m_instance.config_directory();
        bool known = false;
        {
            FileMark nothing;
            OwnChange change(recorded ? applied->facts.marks.main_cf : nothing,
                             m_instance.config_directory() + "/main.cf");
            if (auto done = m_edit->commit(); !done) {
                return done;
            }
            m_edit.reset();
            known = change.done();
        }
        return recorded && known ? write_applied(m_state, *applied) : Result<void>();
    }

    Result<void> reload(Transaction&) {
        const auto running = m_instance.is_running();
        if (!running) {
            return tl::unexpected(running.error());
        }
        if (m_report.changed.empty() || !*running) {
            return {};
        }
        m_report.postfix_reloaded = true;
        return m_instance.reload();
    }

    Result<void> note(Transaction&) {
        const auto overrides = m_instance.service_overrides("smtpd_milters");
        const auto receive = m_instance.service_overrides("receive_override_options");
        const auto applied = read_applied(m_state);
        if (!overrides || !receive || !applied) {
            return tl::unexpected(!overrides ? overrides.error()
                                  : !receive ? receive.error()
                                             : applied.error());
        }
        for (const auto& [service, value] : *overrides) {
            m_report.notes.push_back(fmt::format(
                "master.cf: {} sets smtpd_milters = {} for itself: mail that comes in there does not pass "
                "sendconnectord, and is routed by its sender alone",
                service, value));
        }
        for (const auto& [service, value] : *receive) {
            if (value.find("no_milters") != std::string::npos) {
                m_report.notes.push_back(
                    fmt::format("master.cf: {} sets no_milters: mail that comes in there does not "
                                "pass sendconnectord, and is routed by its sender alone",
                                service));
            }
        }
        for (const policy::SendConnector& connector : m_configuration.policy->connectors()) {
            if (connector.enabled && !is_applied(*applied, connector)) {
                m_report.notes.push_back(
                    fmt::format("connector \"{}\" is not applied: mail of its senders waits; run "
                                "sendconnectorctl apply",
                                connector.name));
            }
        }
        if (wants_split_services(*m_configuration.policy, most_octets(applied->facts)) &&
            applied->split_listener.empty()) {
            m_report.notes.push_back(
                "the services through which messages are split are not applied: mail that "
                "needs them waits; run sendconnectorctl apply");
        }
        return {};
    }

    const Configuration& m_configuration;
    Instance& m_instance;
    std::string m_state;
    std::vector<AttachmentPart> m_parts;
    AttachmentRecord m_record;
    std::optional<ConfigEdit> m_edit;
    AttachReport m_report;
};

} // namespace

Result<AttachReport> enable(const Configuration& configuration, Instance& instance) {
    const auto lock = lock_state(configuration);
    if (!lock) {
        return tl::unexpected(lock.error());
    }
    return Enabling(configuration, instance).run();
}

Result<void> complete_attachment(const Configuration& configuration, Instance& instance,
                                 Transaction& transaction) {
    const auto enabling = std::make_shared<Enabling>(configuration, instance);
    // What it is to undo lives as long as the transaction.
    transaction.on_undo([enabling]() -> Result<void> { return {}; });
    return enabling->run_within(transaction);
}

Result<AttachmentState> attachment_state(const Configuration& configuration, const Instance& instance) {
    const auto parts = attachment_parts(configuration, instance);
    const auto main_cf = read_file(std::filesystem::path(instance.config_directory()) / "main.cf");
    if (!parts || !main_cf) {
        return tl::unexpected(!parts ? parts.error() : main_cf.error());
    }
    const auto values = values_of(*parts, instance, main_cf->value_or(""));
    if (!values) {
        return tl::unexpected(values.error());
    }
    AttachmentState state;
    bool any = false;
    for (const AttachmentPart& part : *parts) {
        const Presence found = presence(part, values->at(part.parameter));
        if (found != Presence::present) {
            state.missing.push_back(part.parameter);
        }
        any = any || (found != Presence::absent && part.place != AttachmentPart::Place::only);
    }
    state.attachment = !any                    ? Attachment::detached
                       : state.missing.empty() ? Attachment::attached
                                               : Attachment::partly;
    return state;
}

Result<Attachment> attachment(const Configuration& configuration, const Instance& instance) {
    return attachment_state(configuration, instance).map([](const AttachmentState& state) {
        return state.attachment;
    });
}

} // namespace sendconnector::conf::postfix
