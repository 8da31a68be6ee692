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
#include <set>

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

    // postconf(1) is started once for all that main.cf says, once for what that comes to, and once to change
    // it.
    Result<void> edit(Transaction&) {
        auto edit = ConfigEdit::begin(m_instance.config_directory(), ConfigKind::main_cf);
        if (!edit) {
            return tl::unexpected(edit.error());
        }
        m_edit.emplace(std::move(*edit));
        const auto effective = values_of(m_parts, m_instance, m_edit->text());
        const auto written = written_values(m_parts, m_instance, m_edit->text());
        if (!effective || !written) {
            return tl::unexpected(!effective ? effective.error() : written.error());
        }
        Changes changes;
        for (const AttachmentPart& part : m_parts) {
            if (auto done =
                    change_one(part, effective->at(part.parameter), written->at(part.parameter), changes);
                !done) {
                return done;
            }
        }
        return set_all(changes);
    }

    // What is to be set, in this order.
    struct Change {
        std::string parameter;
        std::string value;
        ParameterRecord record;
    };
    struct Changes {
        std::vector<Change> list;
        Values seen_by_others; // of lists, which others may name
    };

    // `effective`: without what the changes so far have made of it.
    Result<void> change_one(const AttachmentPart& part, std::string effective, const std::string& was,
                            Changes& changes) {
        const std::string& name = part.parameter;
        if (!changes.seen_by_others.empty() && was.find('$') != std::string::npos) {
            const auto now = values_of({part}, m_instance, m_edit->text(), changes.seen_by_others);
            if (!now) {
                return tl::unexpected(now.error());
            }
            effective = now->at(name);
        }
        if (presence(part, effective) == Presence::present) {
            return {};
        }
        const std::string text = terminated(m_edit->text());
        const std::vector<std::string> now = occurrences(text, name);
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
        record.after = after_postconf(now, name, value);
        if (part.place != AttachmentPart::Place::only) {
            changes.seen_by_others[name] = value;
        }
        m_report.changed.push_back(
            fmt::format("{}: was {}, is {}", name, was.empty() ? "empty" : was, value));
        changes.list.push_back({name, std::move(value), std::move(record)});
        return {};
    }

    Result<void> set_all(Changes& changes) {
        if (changes.list.empty()) {
            return {};
        }
        std::vector<std::string> command{"-e"};
        std::set<std::string> names;
        for (const Change& change : changes.list) {
            command.push_back(fmt::format("{}={}", change.parameter, change.value));
            names.insert(change.parameter);
        }
        if (auto done = m_edit->run_postconf({command},
                                             [&](const std::string& line) { return names.contains(line); });
            !done) {
            return done;
        }
        for (Change& change : changes.list) {
            if (!put_back(m_edit->text(), change.parameter, change.record)) {
                return fail(
                    fmt::format("postconf set {} in a way that could not be taken back", change.parameter),
                    "nothing was changed; look for unusual lines in main.cf");
            }
            m_record.parameters[change.parameter] = std::move(change.record);
        }
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
        const auto overrides = m_instance.site_overrides({"smtpd_milters", "receive_override_options"});
        const auto applied = read_applied(m_state);
        if (!overrides || !applied) {
            return tl::unexpected(!overrides ? overrides.error() : applied.error());
        }
        for (const auto& [path, value] : *overrides) {
            const auto end = path.rfind('/');
            const std::string service = path.substr(0, end);
            const bool no_milters = path.substr(end + 1) == "receive_override_options";
            if (no_milters && value.find("no_milters") == std::string::npos) {
                continue;
            }
            m_report.notes.push_back(fmt::format(
                "master.cf: {} sets {}: mail that comes in there does not pass sendconnectord, and is routed "
                "by its sender alone",
                service, no_milters ? "no_milters" : fmt::format("smtpd_milters = {} for itself", value)));
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
