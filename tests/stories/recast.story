# What is laid anew: on a given schedule, after the term was made shorter, and while interest stands still.

== A given schedule without a rate: interest paused from the first day, without end
2026-01-05  loan    G1  900.00 CNY  day-count act/365  row 2026-02-05 900.00 31.00
2026-01-05  pause   G1  interest
2026-01-20  expect  G1  accrued 0.00  settle 900.00
2026-02-05  expect  G1  due 900.00  interest 0.00

== A given schedule without a rate: interest paused for ten of 31 days
2026-01-05  loan    G1  900.00 CNY  day-count act/365  row 2026-02-05 900.00 31.00
2026-01-10  pause   G1  interest  until 2026-01-20
# 31.00 x 5 / 31 = 5.00 before the pause; 31.00 x 21 / 31 = 21.00 in all
2026-01-10  expect  G1  accrued 5.00
2026-01-19  expect  G1  accrued 5.00  next 905.00
2026-01-20  expect  G1  accrued 5.00  next 921.00
2026-01-21  expect  G1  accrued 6.00  next 921.00
2026-02-05  expect  G1  due 921.00  interest 21.00

== A given schedule without a rate: prepaid on the first day but for 1.00
2026-01-05  loan    G1  900.00 CNY  day-count act/365  row 2026-02-05 900.00 31.00
2026-01-05  prepay  G1  899.00 term
# 31.00 x 1.00 / 900.00 = 0.03
2026-02-05  expect  G1  due 1.03  interest 0.03

== A given schedule without a rate: half is prepaid within the period
2026-01-05  loan    G1  900.00 CNY  day-count act/365  row 2026-02-05 900.00 31.00
2026-01-20  prepay  G1  450.00 instalment
# 15 days on 900.00, 16 on 450.00: 31.00 x (900.00 x 15 + 450.00 x 16) / (900.00 x 31) = 23.00
2026-01-20  expect  G1  accrued 15.00  next 473.00
# 31.00 x (900.00 x 15 + 450.00 x 10) / (900.00 x 31) = 20.00
2026-01-30  expect  G1  accrued 20.00
2026-02-05  expect  G1  interest 23.00

== A given schedule without a rate: each row in proportion to the principal it was reckoned on
2026-01-05  loan    G1  900.00 CNY  day-count act/365  row 2026-02-05 300.00 31.00  row 2026-03-05 600.00 28.00
2026-01-05  prepay  G1  300.00 term
# 31.00 x 600.00 / 900.00 = 20.67; 28.00 x 300.00 / 600.00 = 14.00
2026-02-05  expect  G1  principal 300.00  interest 20.67  next 314.00
2026-03-05  expect  G1  principal 600.00  interest 34.67

== A given schedule without a rate: part of the principal waived
2026-01-05  loan    G1  900.00 CNY  day-count act/365  row 2026-02-05 900.00 31.00
2026-01-05  waive   G1  principal 300.00
# 31.00 x 600.00 / 900.00 = 20.67
2026-02-05  expect  G1  due 620.67

== A given schedule without a rate: paused before it was paid out
2026-01-05  loan    G1  900.00 CNY  day-count act/365  row 2026-02-05 900.00 31.00  undrawn
2026-01-04  pause   G1  interest
2026-01-05  draw    G1  900.00
2026-02-05  expect  G1  due 900.00

== A schedule that the lender gives while interest is paused bears from the end of the pause
2026-01-05  loan      G1  900.00 CNY  day-count act/365  row 2026-02-05 900.00 31.00
2026-01-10  pause     G1  interest  until 2026-01-25
2026-01-20  schedule  G1  row 2026-02-05 900.00 16.00
2026-01-24  expect    G1  accrued 0.00  next 900.00
# 16.00 x 11 / 16 = 11.00
2026-02-05  expect    G1  interest 11.00

== A schedule that the lender gives grows from the day on which he gives it
2026-01-05  loan      G1  900.00 CNY  day-count act/365  row 2026-02-05 900.00 31.00
2026-01-20  schedule  G1  row 2026-02-05 900.00 16.00
2026-01-20  expect    G1  accrued 0.00
2026-01-30  expect    G1  accrued 10.00
2026-02-05  expect    G1  interest 16.00

== A given schedule without a rate: interest on no principal goes by days
2026-01-05  loan    G1  900.00 CNY  day-count act/365  row 2026-02-05 900.00  row 2026-03-05 0.00 28.00
2026-02-10  pause   G1  interest  until 2026-02-24
# 28.00 x 14 / 28 = 14.00
2026-02-24  expect  G1  accrued 5.00
2026-03-05  expect  G1  interest 14.00

== A given schedule that asks for less than the contract rate: a pause lowers it too
2026-01-05  loan    G1  36,500.00 CNY  10.0%  day-count act/365  row 2026-02-05 36,500.00 155.00
2026-01-10  pause   G1  interest  until 2026-01-20
# 155.00 x 21 / 31 = 105.00; at the contract rate 36,500.00 x 10% x 21 / 365 = 210.00
2026-02-05  expect  G1  interest 105.00

== A given schedule that asks for more than the contract rate: the lower figure
2026-01-05  loan    G1  36,500.00 CNY  10.0%  day-count act/365  row 2026-02-05 36,500.00 620.00
2026-01-10  pause   G1  interest  until 2026-01-20
# 620.00 x 21 / 31 = 420.00; at the contract rate 36,500.00 x 10% x 21 / 365 = 210.00
2026-02-05  expect  G1  interest 210.00

== A given schedule extended with interest, then half prepaid
2026-01-05  loan    G1  3,600.00 CNY  10.0%  day-count act/360  row 2026-02-05 3,600.00 31.00
2026-01-05  extend  G1  10 days  with-interest
2026-01-05  prepay  G1  1,800.00 term
# 31.00 and 10 x 1.00 for 3,600.00: 41.00 x 1,800.00 / 3,600.00 = 20.50
2026-02-15  expect  G1  interest 20.50

== A given schedule: what a bounced payment had cut comes back where it was
2026-01-05  loan     G1  900.00 CNY  reversal from_bounce_day  row 2026-02-05 300.00 9.00  row 2026-03-05 300.00 6.00  row 2026-04-05 300.00 3.00
2026-01-05  prepay   G1  400.00 term  ref P1
2026-01-05  expect   G1  not-due 500.00
# 9.00 x 500.00 / 900.00 = 5.00
2026-02-05  expect   G1  principal 300.00  interest 5.00
2026-02-05  reverse  G1  P1
2026-03-05  expect   G1  principal 600.00  interest 11.00  next 303.00

== A term made shorter stays short when the rate is reset to the same
2026-01-05  loan    T1  12,000.00 CNY  12 monthly  12.0%  equal_instalment
2026-02-05  prepay  T1  7,000.00 term
# 1,066.19 was due, 120.00 of it interest; 5,933.81 cut principal: 12,000.00 - 946.19 - 5,933.81 = 5,120.00
2026-02-05  expect  T1  not-due 5,120.00  next 1,066.19
2026-02-10  rate    T1  12.0%
# laid anew on the five that are left: 5,120.00 x 1% x 1.01^5 / (1.01^5 - 1) = 1,054.92
2026-02-10  expect  T1  not-due 5,120.00  next 1,054.92
# 1,054.92 each; of the last 1,044.50 is principal: 1,044.50 + 1,044.50 x 1% = 1,054.95
2026-06-05  expect  T1  next 1,054.95  next-due 2026-07-05
2026-07-05  expect  T1  not-due 0.00  next-due none

== A term made shorter stays short when the rate changes
2026-01-05  loan    T1  12,000.00 CNY  12 monthly  12.0%  equal_instalment
2026-02-05  prepay  T1  7,000.00 term
2026-03-05  rate    T1  6.0%
# 1,066.19 fell due in March, 51.20 of it interest: 5,120.00 - 1,014.99 = 4,105.01 on four at half a per cent
# 4,105.01 x 0.5% x 1.005^4 / (1.005^4 - 1) = 1,039.11
2026-03-05  expect  T1  not-due 4,105.01  next 1,039.11
2026-08-05  expect  T1  not-due 0.00  next-due none

== A term made shorter stays short when part of the principal is waived
2026-01-05  loan    T1  12,000.00 CNY  12 monthly  0%  equal_instalment
2026-02-05  prepay  T1  6,500.00 term
# 1,000.00 was due; 12,000.00 - 1,000.00 - 5,500.00 = 5,500.00: five of 1,000.00 and one of 500.00, in August
2026-02-05  expect  T1  not-due 5,500.00  next 1,000.00
2026-02-10  waive   T1  principal 1,500.00
# 4,000.00 / 6 = 666.67
2026-02-10  expect  T1  not-due 4,000.00  next 666.67
2026-07-05  expect  T1  next-due 2026-08-05
2026-08-05  expect  T1  not-due 0.00  next-due none

== A term made shorter stays short when more is prepaid to cut the instalment
2026-01-05  loan    T1  12,000.00 CNY  12 monthly  0%  equal_instalment
2026-02-05  prepay  T1  6,500.00 term
2026-02-10  prepay  T1  1,500.00 instalment
2026-02-10  expect  T1  not-due 4,000.00  next 666.67
2026-08-05  expect  T1  not-due 0.00  next-due none

== A term made shorter, equal principal: part of the principal is waived
2026-01-05  loan    T1  12,000.00 CNY  12 monthly  12.0%  equal_principal
2026-02-05  prepay  T1  6,620.00 term
# 1,000.00 and 120.00 were due: 12,000.00 - 1,000.00 - 5,500.00 = 5,500.00, the last of it in August
2026-02-05  waive   T1  principal 1,500.00
# the waiver counts at the end of the day: 4,000.00 / 6 = 666.67; 4,000.00 x 1% = 40.00
2026-02-05  expect  T1  not-due 4,000.00  next 706.67
2026-08-05  expect  T1  not-due 0.00  next-due none

== A term made shorter stays short when a later payment bounces
2026-01-05  loan     T1  12,000.00 CNY  12 monthly  0%  equal_instalment  early-money reduce_instalment  reversal from_bounce_day
2026-02-05  prepay   T1  6,500.00 term
2026-02-10  pay      T1  1,500.00  ref P2
2026-02-10  expect   T1  not-due 4,000.00  next 666.67
2026-02-20  reverse  T1  P2
# 5,500.00 / 6 = 916.67
2026-02-20  expect   T1  not-due 5,500.00  next 916.67
2026-08-05  expect   T1  not-due 0.00  next-due none

== A term made shorter by money that bounces is as long as before
2026-01-05  loan     T1  12,000.00 CNY  12 monthly  0%  equal_instalment  reversal from_bounce_day
2026-02-05  pay      T1  1,000.00
2026-02-05  prepay   T1  5,500.00 term  ref P2
2026-02-05  expect   T1  not-due 5,500.00
2026-02-10  reverse  T1  P2
2026-02-10  expect   T1  not-due 11,000.00  next 1,000.00
2026-12-05  expect   T1  not-due 1,000.00  next-due 2027-01-05

== A payment bounces that came before the early money: the term is longer by what is taken back from it, no more
2026-01-05  loan     T1  12,000.00 CNY  12 monthly  0%  equal_instalment  reversal from_bounce_day
2026-02-05  pay      T1  1,000.00  ref P1
2026-02-05  prepay   T1  5,500.00 term
2026-02-20  reverse  T1  P1
# what was applied last gives back 1,000.00: 6,500.00 at 1,000.00 each, the last of 500.00 in September
2026-02-20  expect   T1  due 0.00  not-due 6,500.00  next 1,000.00
2026-08-05  expect   T1  not-due 500.00  next-due 2026-09-05
2026-09-05  expect   T1  not-due 0.00  next-due none

== A term made shorter, a tranche more
2026-01-05  loan    T1  12,000.00 CNY  12 monthly  0%  equal_instalment
2026-02-05  prepay  T1  6,500.00 term
2026-02-10  draw    T1  500.00
# 6,000.00 / 6 = 1,000.00
2026-02-10  expect  T1  not-due 6,000.00  next 1,000.00
2026-08-05  expect  T1  not-due 0.00  next-due none

== The rate changes while interest is paused: the principal is laid as if it were not
2026-01-05  loan    L1  3,000.00 CNY  3 monthly  12.0%  equal_instalment
2026-02-05  pay     L1  1,020.07
2026-02-10  pause   L1  interest  until 2026-02-25
2026-02-15  rate    L1  6.0%
# 2,009.93 x 0.5% x 1.005^2 / (1.005^2 - 1) = 1,012.51
# unpaused: 2,009.93 x (12% x 10 + 6% x 20) / 360 = 13.40; principal 1,012.51 - 13.40 = 999.11
# five days before the pause bear 3.35: 999.11 + 3.35 = 1,002.46
2026-02-15  expect  L1  accrued 3.35  next 1,002.46
# five days at 12%, ten at 6%: 2,009.93 x (12% x 5 + 6% x 10) / 360 = 6.70
2026-03-05  expect  L1  principal 999.11  interest 6.70
# 2,009.93 - 999.11 = 1,010.82; 1,010.82 x 0.5% = 5.05
2026-04-05  expect  L1  principal 2,009.93  interest 11.75
2026-01-05  loan    L2  3,000.00 CNY  3 monthly  12.0%  equal_instalment
2026-02-05  pay     L2  1,020.07
2026-02-15  rate    L2  6.0%
2026-03-05  expect  L2  principal 999.11  interest 13.40
2026-04-05  expect  L2  principal 2,009.93  interest 18.45

== The rate changes while interest is paused: the instalments after the pause are one level
2026-01-05  loan    L1  12,000.00 CNY  12 monthly  24.0%  equal_instalment
2026-02-05  pay     L1  1,134.72
2026-02-10  pause   L1  interest  until 2026-03-10
2026-03-01  rate    L1  12.0%
# 12,000.00 - 894.72 = 11,105.28; 11,105.28 x 1% x 1.01^11 / (1.01^11 - 1) = 1,071.15
# unpaused 11,105.28 x (24% x 26 + 12% x 4) / 360 = 207.30: principal 1,071.15 - 207.30 = 863.85
# five days were not paused: 11,105.28 x 24% x 5 / 360 = 37.02
2026-03-05  expect  L1  principal 863.85  interest 37.02
# 11,105.28 - 863.85 = 10,241.43; 25 days of 30: 10,241.43 x 12% x 25 / 360 = 85.35; 1,071.15 - 102.41 + 85.35 = 1,054.09
2026-03-10  expect  L1  next 1,054.09
2026-04-05  expect  L1  next 1,071.15
2026-05-05  expect  L1  next 1,071.15
2026-10-05  expect  L1  next 1,071.15

== Early money while interest is paused: the term is as short as without the pause
2026-01-05  loan    L1  12,000.00 CNY  12 monthly  12.0%  equal_instalment
2026-02-05  pause   L1  interest  until 2026-03-05
2026-02-05  prepay  L1  7,000.00 term
# 1,066.19 - 51.20 = 1,014.99: the interest of March does not arise
2026-02-05  expect  L1  not-due 5,120.00  next 1,014.99
2026-03-05  expect  L1  next 1,066.19
2026-07-05  expect  L1  not-due 0.00  next-due none
