// SPDX-License-Identifier: Apache-2.0
// QueueRouting: which connector a queued message's recipient has, and which it would have if it were asked
// about anew.
#pragma once

#include "conf/postfix/snapshot.hpp"
#include "milter/ctl/queued_message.hpp"
#include "milter/ctl/recipient_class.hpp"

#include <string>
#include <vector>

namespace sendconnector::ctl {

struct QueuedRoute {
    const policy::SendConnector* connector = nullptr; // of the snapshot
    // The connector's name, or in brackets why there is none: "(no connector)", "(local)", "(sc-old)" for a
    // service that no enabled connector has, "(filter smtp)" for a FILTER that is not ours.
    std::string name;
    std::string service;       // "sc-contoso"; empty: none of ours
    bool returns = false;      // decided on anew, the message would be returned to its sender
    bool is_uncertain = false; // it depends on the author or the login, which nobody knows here
};

class QueueRouting {
public:
    // `snapshot` must outlive it.
    QueueRouting(const conf::postfix::Snapshot& snapshot, RecipientClasses classes)
        : m_snapshot(snapshot), m_classes(std::move(classes)) {}

    // The queue file's FILTER says it, which takes every recipient of the message; else the policy does.
    QueuedRoute route(const QueuedMessage& message, const std::string& recipient) const;
    // What the policy decides at this moment, whatever FILTER there is.
    QueuedRoute route_now(const QueuedMessage& message, const std::string& recipient) const;
    // Each connector or reason once, in the order of recipients: "Contoso, (local)".
    std::string names(const QueuedMessage& message) const;
    std::string names_now(const QueuedMessage& message) const;

    // Whether the message has a FILTER of ours that a new decision would not set: to another connector, to
    // smart hosts that the connector no longer has, or to a split that no longer exists. Which author or
    // login a connector was chosen by cannot be told from here: such a choice counts as still good.
    bool has_old_filter(const QueuedMessage& message) const;
    RecipientClass class_of(const std::string& recipient) const { return m_classes[recipient]; }
    const conf::postfix::Snapshot& snapshot() const { return m_snapshot; }

private:
    const conf::postfix::Snapshot& m_snapshot;
    RecipientClasses m_classes;
};

// Has the message a FILTER that leads to a service of ours (`sc-...`)?
bool has_our_filter(const QueuedMessage& message);
// Every address that some message still waits to be delivered to, for RecipientClasses::of().
std::set<std::string> recipients_of(const std::vector<QueuedMessage>& messages);

} // namespace sendconnector::ctl
