/** Line icons of 16 units. They are hidden from screen readers; the word is always next to them or in a label. */
import type { ComponentChildren } from 'preact';

function Icon({ children, size = 16 }: { children: ComponentChildren; size?: number }) {
  return (
    <svg
      class="icon"
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      stroke-width="1.5"
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      {children}
    </svg>
  );
}

export const ChevronIcon = () => (
  <Icon>
    <path d="m6 3.5 4.5 4.5L6 12.5" />
  </Icon>
);

export const LockIcon = () => (
  <Icon size={14}>
    <rect x="3.25" y="7" width="9.5" height="6.5" rx="1.5" />
    <path d="M5.25 7V5a2.75 2.75 0 0 1 5.5 0v2" />
  </Icon>
);

export const OpenLockIcon = () => (
  <Icon size={14}>
    <rect x="3.25" y="7" width="9.5" height="6.5" rx="1.5" />
    <path d="M5.25 7V4.5a2.75 2.75 0 0 1 5.3-1" />
  </Icon>
);

export const RefreshIcon = () => (
  <Icon>
    <path d="M13.5 8a5.5 5.5 0 1 1-1.6-3.9L13.5 5.7M13.5 2.5v3.2h-3.2" />
  </Icon>
);

export const SearchIcon = () => (
  <Icon>
    <circle cx="7" cy="7" r="4.25" />
    <path d="m10.2 10.2 3.3 3.3" />
  </Icon>
);

export const CloseIcon = () => (
  <Icon>
    <path d="m4 4 8 8M12 4l-8 8" />
  </Icon>
);

export const BackIcon = () => (
  <Icon>
    <path d="M13 8H3.5M7 4 3 8l4 4" />
  </Icon>
);

export const GearIcon = () => (
  <Icon>
    <path d="M2.5 5h6M12.5 5h1M2.5 11h1M7.5 11h6" />
    <circle cx="10.5" cy="5" r="1.75" />
    <circle cx="5.5" cy="11" r="1.75" />
  </Icon>
);

export const PersonIcon = () => (
  <Icon>
    <circle cx="8" cy="5.5" r="2.75" />
    <path d="M2.75 13.5c.6-2.5 2.7-3.75 5.25-3.75s4.65 1.25 5.25 3.75" />
  </Icon>
);

export const TargetIcon = () => (
  <Icon>
    <circle cx="8" cy="8" r="5.5" />
    <circle cx="8" cy="8" r="2.25" />
  </Icon>
);

export const LinkIcon = () => (
  <Icon size={14}>
    <path d="M6.75 9.25a2.5 2.5 0 0 0 3.54 0l2-2a2.5 2.5 0 1 0-3.54-3.54l-.75.75M9.25 6.75a2.5 2.5 0 0 0-3.54 0l-2 2a2.5 2.5 0 1 0 3.54 3.54l.75-.75" />
  </Icon>
);

export const FlameIcon = ({ isFilled }: { isFilled: boolean }) => (
  <Icon size={13}>
    <path
      fill={isFilled ? 'currentColor' : 'none'}
      d="M8.6 1.5c.5 2.7 4 4.2 4 8a4.6 4.6 0 0 1-9.2 0c0-1.8.9-2.9 1.9-3.9.2 1.2.7 1.9 1.5 2.2C6.7 5.5 7.2 3.2 8.6 1.5Z"
    />
  </Icon>
);

export const BellIcon = () => (
  <Icon>
    <path d="M4 11.5V7a4 4 0 0 1 8 0v4.5M2.75 11.5h10.5M6.75 13.75h2.5" />
  </Icon>
);

export const WarnIcon = () => (
  <Icon>
    <path d="M8 2.5 14 13H2L8 2.5ZM8 6.5v3M8 11.25v.01" />
  </Icon>
);

export const LogoMark = () => (
  <svg class="logo" width="26" height="26" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
    <rect width="32" height="32" rx="8" />
    <path d="m6 20.5 6-7.5 5 5 9-10" />
  </svg>
);
