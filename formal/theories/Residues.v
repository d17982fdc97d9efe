(** * Residues of real numbers

    A record [Modular.residues p] is a relation "z is a residue modulo p of the real number x" for which reduction is a ring map where it is defined, and nothing
    whose residue is a unit is 0: what linear algebra modulo p needs in order to prove something about real matrices. p need not be prime.
    [Modular.rational_residues]: fractions with a denominator that is a unit. [exponential_residues]: also rational expressions in T = e^(1/N), and
    in E = e^(i/N) and i where a root of -1 is given, for any units t, e as residues of T, E: by [Transcendence.hermite] these numbers satisfy no relations.
    To use it: fill in [bases] from the file (inverses by any means), test [bases_ok], and take [exponential_residues] with [rep_exp], [rep_cos], [rep_sin];
    a number whose residue is not 0 is not 0 ([rep_zero]), also where the residue is no unit. *)
From Coq Require Import List ZArith Zpow_facts Reals Lia Lra Bool.
From Coquelicot Require Import Coquelicot.
From SimCert Require Import ModP Gaussian Transcendence.
Import ListNotations.
Local Open Scope list_scope.

Lemma inverse_unit p a u : (1 < p)%Z -> ((a * u) mod p = 1)%Z -> unit_mod p a.
Proof. intros Hp H. exists u, (a * u / p)%Z. rewrite (Z_div_mod_eq_full (a * u) p) at 1. rewrite H. ring. Qed.

(** ** Congruence *)
Section Exponential.
Variable p : Z.
Definition cong (x y : Z) : Prop := exists q : Z, (x = y + p * q)%Z.
Lemma cong_refl x : cong x x. Proof. exists 0%Z. ring. Qed.
Lemma cong_sym x y : cong x y -> cong y x. Proof. intros (q & H). exists (- q)%Z. lia. Qed.
Lemma cong_trans x y z : cong x y -> cong y z -> cong x z. Proof. intros (q & H) (q' & H'). exists (q + q')%Z. lia. Qed.
Lemma cong_plus x y x' y' : cong x y -> cong x' y' -> cong (x + x') (y + y').
Proof. intros (q & ->) (q' & ->). exists (q + q')%Z. ring. Qed.
Lemma cong_mult x y x' y' : cong x y -> cong x' y' -> cong (x * x') (y * y').
Proof. intros (q & ->) (q' & ->). exists (y * q' + q * y' + p * q * q')%Z. ring. Qed.
Lemma cong_eq x y : x = y -> cong x y. Proof. intros ->. apply cong_refl. Qed.
Lemma cong_unit x y : cong x y -> unit_mod p x -> unit_mod p y.
Proof. intros (q & ->) (k & e & H). exists k, (e - q * k)%Z. lia. Qed.

(** powers of a unit, with exponents of either sign *)
Fixpoint npow (u : Z) (n : nat) : Z := match n with O => 1 | S n => u * npow u n end.
Lemma npow_plus u a b : npow u (a + b) = (npow u a * npow u b)%Z.
Proof. induction a as [|a IH]; cbn [Nat.add npow]; [ring|]. rewrite IH. ring. Qed.
Definition unit_pow (u u' k : Z) : Z := (npow u (Z.to_nat k) * npow u' (Z.to_nat (- k)))%Z.
Lemma unit_pow_parts u u' a b : cong (u * u') 1 -> cong (npow u a * npow u' b) (unit_pow u u' (Z.of_nat a - Z.of_nat b)).
Proof.
  intros H. revert b; induction a as [|a IH]; intros b.
  - apply cong_eq. unfold unit_pow. replace (Z.to_nat (Z.of_nat 0 - Z.of_nat b)) with 0%nat by lia.
    replace (Z.to_nat (- (Z.of_nat 0 - Z.of_nat b))) with b by lia. reflexivity.
  - destruct b as [|b].
    + apply cong_eq. unfold unit_pow. replace (Z.to_nat (- (Z.of_nat (S a) - Z.of_nat 0))) with 0%nat by lia.
      replace (Z.to_nat (Z.of_nat (S a) - Z.of_nat 0)) with (S a) by lia. reflexivity.
    + replace (Z.of_nat (S a) - Z.of_nat (S b))%Z with (Z.of_nat a - Z.of_nat b)%Z by lia. refine (cong_trans _ _ _ _ (IH b)).
      cbn [npow]. refine (cong_trans _ ((u * u') * (npow u a * npow u' b)) _ (cong_eq _ _ _) _); [ring|].
      refine (cong_trans _ _ _ (cong_mult _ _ _ _ H (cong_refl _)) (cong_eq _ _ _)). ring.
Qed.
Lemma unit_pow_plus u u' k l : cong (u * u') 1 -> cong (unit_pow u u' (k + l)) (unit_pow u u' k * unit_pow u u' l).
Proof.
  intros H. apply cong_sym. unfold unit_pow at 1 2.
  refine (cong_trans _ (npow u (Z.to_nat k + Z.to_nat l) * npow u' (Z.to_nat (- k) + Z.to_nat (- l))) _ (cong_eq _ _ _) _).
  - rewrite !npow_plus. ring.
  - refine (cong_trans _ _ _ (unit_pow_parts u u' _ _ H) (cong_eq _ _ _)). f_equal. lia.
Qed.
Lemma unit_pow_0 u u' : unit_pow u u' 0 = 1%Z.
Proof. reflexivity. Qed.

(** ** Sums of (a + ib) T^k E^j, as lists ((a, b), (k, j)) *)
Variable N : positive.
Definition monomial := ((Z * Z) * (Z * Z))%type.
Definition gz (c : Z * Z) : C := (IZR (fst c), IZR (snd c)).
Definition cterm (x : monomial) : C := Cmult (gz (fst x)) (cexp (Cdiv (gz (snd x)) (RtoC (IZR (Zpos N))))).
Definition cv (l : list monomial) : C := fold_right (fun x s => Cplus (cterm x) s) (RtoC 0) l.
(** residues of T and E, their inverses, and a root of -1 *)
Variables (circular : bool) (t t' e e' i0 : Z).
Definition zterm (x : monomial) : Z :=
  ((fst (fst x) + i0 * snd (fst x)) * (unit_pow t t' (fst (snd x)) * unit_pow e e' (snd (snd x))))%Z.
Definition zv (l : list monomial) : Z := fold_right (fun x s => (zterm x + s)%Z) 0%Z l.
Lemma gz_plus c d : gz (fst c + fst d, snd c + snd d)%Z = Cplus (gz c) (gz d).
Proof. unfold gz, Cplus; cbn [fst snd]. now rewrite !plus_IZR. Qed.
Lemma gz_gauss c : gauss (gz c).
Proof. now exists (fst c), (snd c). Qed.
Lemma gz_zero c : gz c = RtoC 0 -> c = (0, 0)%Z.
Proof. destruct c as [a b]. unfold gz, RtoC; cbn [fst snd]. intros [= H K]. apply eq_IZR in H, K. now subst. Qed.

(** the terms with one exponent, collected *)
Definition same (x : Z * Z) (y : monomial) : bool := (fst x =? fst (snd y))%Z && (snd x =? snd (snd y))%Z.
Lemma same_ok x y : same x y = true <-> snd y = x.
Proof.
  unfold same. destruct x as [a b], y as [c [k j]]; cbn [fst snd]. rewrite andb_true_iff, !Z.eqb_eq. split; [intros [-> ->]; reflexivity|intros [= -> ->];
    auto].
Qed.
Definition collect (x : Z * Z) (l : list monomial) : Z * Z :=
  fold_right (fun y s => if same x y then (fst (fst y) + fst s, snd (fst y) + snd s)%Z else s) (0, 0)%Z l.
Definition others (x : Z * Z) (l : list monomial) : list monomial := filter (fun y => negb (same x y)) l.
Lemma cterm_0 x : cterm ((0, 0)%Z, x) = RtoC 0.
Proof. unfold cterm. change (gz (fst ((0, 0)%Z, x))) with (RtoC 0). ring. Qed.
Lemma collect_cons x y l : collect x (y :: l) = if same x y then (fst (fst y) + fst (collect x l), snd (fst y) + snd (collect x l))%Z else collect x l.
Proof. reflexivity. Qed.
Lemma others_cons x y l : others x (y :: l) = if same x y then others x l else y :: others x l.
Proof. unfold others; cbn [filter]. now destruct (same x y). Qed.
Lemma cv_cons y l : cv (y :: l) = Cplus (cterm y) (cv l).
Proof. reflexivity. Qed.
Lemma zv_cons y l : zv (y :: l) = (zterm y + zv l)%Z.
Proof. reflexivity. Qed.
Lemma collect_cv x l : cv l = Cplus (cterm (collect x l, x)) (cv (others x l)).
Proof.
  induction l as [|y l IH].
  - cbn [collect others filter fold_right cv]. rewrite cterm_0. ring.
  - rewrite collect_cons, others_cons, cv_cons, IH. destruct (same x y) eqn:E.
    + apply same_ok in E. unfold cterm at 1 2 3; cbn [fst snd]. rewrite gz_plus, E. ring.
    + rewrite cv_cons. ring.
Qed.
Lemma collect_zv x l : zv l = (zterm (collect x l, x) + zv (others x l))%Z.
Proof.
  induction l as [|y l IH].
  - cbn [collect others filter fold_right zv]. unfold zterm; cbn [fst snd]. ring.
  - rewrite collect_cons, others_cons, zv_cons, IH. destruct (same x y) eqn:E.
    + apply same_ok in E. unfold zterm at 1 2 3; cbn [fst snd]. rewrite E. ring.
    + rewrite zv_cons. ring.
Qed.
Lemma others_length x l : (length (others x l) <= length l)%nat.
Proof. unfold others. induction l as [|y l IH]; cbn; [lia|]. destruct (negb _); cbn; lia. Qed.
Lemma N_neq0 : RtoC (IZR (Zpos N)) <> RtoC 0.
Proof. intros H. apply RtoC_inj, eq_IZR in H. lia. Qed.
Lemma csum_shift c L : csum (fun b => cexp (Cdiv b (RtoC (IZR (Zpos N))))) (map (fun y => (gz (fst y), Cminus (gz (snd y)) c)) L) =
  Cmult (cexp (Copp (Cdiv c (RtoC (IZR (Zpos N)))))) (cv L).
Proof.
  induction L as [|y L IH]; [cbn [map csum fold_right cv]; ring|]. rewrite cv_cons. unfold csum in *. cbn [map fold_right fst snd]. rewrite IH. unfold cterm.
  replace (Cdiv (Cminus (gz (snd y)) c) (RtoC (IZR (Zpos N)))) with (Cplus (Cdiv (gz (snd y)) (RtoC (IZR (Zpos N)))) (Copp (Cdiv c (RtoC (IZR (Zpos N))))))
    by (field; apply N_neq0).
  rewrite cexp_plus. ring.
Qed.
(** a sum that is 0 has the residue 0 *)
Lemma cv_zero l : cv l = RtoC 0 -> zv l = 0%Z.
Proof.
  remember (length l) as n eqn:En. assert (Hn : (length l <= n)%nat) by lia. clear En. revert l Hn.
  induction n as [|n IH]; intros [|[c x] l] Hn H; try reflexivity; [cbn in Hn; lia|].
  rewrite (collect_cv x) in H. rewrite (collect_zv x).
  assert (Hl : (length (others x ((c, x) :: l)) <= n)%nat).
  { rewrite others_cons. assert (same x (c, x) = true) as -> by now apply same_ok. assert (K := others_length x l). cbn in Hn. lia. }
  set (L := others x ((c, x) :: l)) in *. set (d := collect x ((c, x) :: l)) in *.
  change (Cplus (cterm (d, x)) (cv L) = RtoC 0) in H. change (zterm (d, x) + zv L = 0)%Z. clearbody d.
  set (nu := RtoC (IZR (Zpos N))) in *. set (w := cexp (Copp (Cdiv (gz x) nu))).
  assert (W : Cmult w (cexp (Cdiv (gz x) nu)) = RtoC 1) by (unfold w; rewrite <- cexp_plus, <- cexp_0; f_equal; ring).
  assert (Z0 : d = (0, 0)%Z).
  { apply gz_zero. destruct (Ceq_dec (gz d) (RtoC 0)) as [E|Nd]; [exact E|]. exfalso.
    apply (hermite N (gz d) (map (fun y => (gz (fst y), Cminus (gz (snd y)) (gz x))) L) (gz_gauss d) Nd).
    - apply Forall_forall. intros ab Hab. apply in_map_iff in Hab as (y & <- & Hy). cbn [fst snd]. split; [apply gz_gauss|]. split.
      + apply gauss_plus; [apply gz_gauss|apply gauss_opp, gz_gauss].
      + unfold L, others in Hy. apply filter_In in Hy as [_ Hy]. apply negb_true_iff in Hy. intros K. enough (same x y = true) by congruence.
        apply same_ok. destruct x as [x1 x2], (snd y) as [y1 y2]. unfold gz, Cminus, Cplus, Copp, RtoC in K; cbn [fst snd] in K. injection K as K1 K2.
        assert (y1 = x1) as -> by (apply eq_IZR; lra). assert (y2 = x2) as -> by (apply eq_IZR; lra). reflexivity.
    - transitivity (Cmult w (RtoC 0)); [|ring]. rewrite <- H. unfold cterm; cbn [fst snd]. fold nu.
      transitivity (Cplus (Cmult (gz d) (Cmult w (cexp (Cdiv (gz x) nu)))) (Cmult w (cv L))); [|ring]. rewrite W, Cmult_1_r. f_equal.
      apply csum_shift. }
  rewrite Z0 in *. unfold zterm; cbn [fst snd]. rewrite (IH L Hl); [ring|]. rewrite <- H, cterm_0. ring.
Qed.

(** ** Products *)
Hypothesis Hp : (1 < p)%Z.
Hypothesis Ht : cong (t * t') 1.
Hypothesis Hc : circular = true -> cong (e * e') 1 /\ cong (i0 * i0) (-1).
Definition mterm (x y : monomial) : monomial :=
  ((fst (fst x) * fst (fst y) - snd (fst x) * snd (fst y), fst (fst x) * snd (fst y) + snd (fst x) * fst (fst y))%Z,
   (fst (snd x) + fst (snd y), snd (snd x) + snd (snd y))%Z).
Definition mul_l (l k : list monomial) : list monomial := flat_map (fun x => map (mterm x) k) l.
(** without circular functions there is neither i nor E *)
Definition plain (x : monomial) : Prop := snd (fst x) = 0%Z /\ snd (snd x) = 0%Z.
Definition allowed (l : list monomial) : Prop := circular = true \/ List.Forall plain l.
Lemma mterm_c x y : cterm (mterm x y) = Cmult (cterm x) (cterm y).
Proof.
  unfold cterm, mterm; cbn [fst snd]. rewrite gz_plus.
  assert (G : gz (fst (fst x) * fst (fst y) - snd (fst x) * snd (fst y), fst (fst x) * snd (fst y) + snd (fst x) * fst (fst y))%Z = Cmult (gz (fst x)) (gz
    (fst y)))
    by (unfold gz, Cmult; cbn [fst snd]; now rewrite minus_IZR, plus_IZR, !mult_IZR).
  rewrite G. replace (Cdiv (Cplus (gz (snd x)) (gz (snd y))) (RtoC (IZR (Zpos N)))) with
    (Cplus (Cdiv (gz (snd x)) (RtoC (IZR (Zpos N)))) (Cdiv (gz (snd y)) (RtoC (IZR (Zpos N))))) by (field; apply N_neq0).
  rewrite cexp_plus. ring.
Qed.
Lemma mterm_z x y : circular = true \/ plain x /\ plain y -> cong (zterm (mterm x y)) (zterm x * zterm y).
Proof.
  destruct x as [[a b] [k j]], y as [[a' b'] [k' j']]. unfold plain, mterm, zterm; cbn [fst snd]. intros H.
  assert (P := unit_pow_plus t t' k k' Ht).
  assert (Q : cong (unit_pow e e' (j + j')) (unit_pow e e' j * unit_pow e e' j')).
  { destruct H as [H|[[-> ->] [-> ->]]]; [apply unit_pow_plus, Hc, H|]. rewrite !unit_pow_0. apply cong_refl. }
  assert (G : cong (a * a' - b * b' + i0 * (a * b' + b * a')) ((a + i0 * b) * (a' + i0 * b'))).
  { destruct H as [H|[[-> ->] [-> ->]]]; [|apply cong_eq; ring]. destruct (Hc H) as [_ (q & I2)].
    exists (- (q * b * b'))%Z. transitivity ((a + i0 * b) * (a' + i0 * b') - (i0 * i0 + 1) * b * b')%Z; [ring|]. rewrite I2. ring. }
  refine (cong_trans _ _ _ (cong_mult _ _ _ _ G (cong_mult _ _ _ _ P Q)) (cong_eq _ _ _)). ring.
Qed.
Lemma allowed_app l k : allowed l -> allowed k -> allowed (l ++ k).
Proof. intros [H|H] [K|K]; try (now left). right. apply Forall_app. now split. Qed.
Lemma allowed_mul l k : allowed l -> allowed k -> allowed (mul_l l k).
Proof.
  intros [H|H] [K|K]; try (now left). right. unfold mul_l. apply Forall_forall. intros z Hz. apply in_flat_map in Hz as (x & Hx & Hz).
  apply in_map_iff in Hz as (y & <- & Hy). rewrite Forall_forall in H, K. destruct (H x Hx) as [H1 H2], (K y Hy) as [K1 K2].
  unfold plain, mterm; cbn [fst snd]. rewrite H1, H2, K1, K2. split; ring.
Qed.
Lemma cv_app l k : cv (l ++ k) = Cplus (cv l) (cv k).
Proof. induction l as [|x l IH]; [cbn [app]; change (cv []) with (RtoC 0); ring|]. cbn [app]. rewrite !cv_cons, IH. ring. Qed.
Lemma zv_app l k : zv (l ++ k) = (zv l + zv k)%Z.
Proof. induction l as [|x l IH]; [reflexivity|]. cbn [app]. rewrite !zv_cons, IH. ring. Qed.
Lemma cv_mul l k : cv (mul_l l k) = Cmult (cv l) (cv k).
Proof.
  unfold mul_l. induction l as [|x l IH]; cbn [flat_map]; [change (cv []) with (RtoC 0); ring|]. rewrite cv_app, cv_cons, IH.
  assert (E : cv (map (mterm x) k) = Cmult (cterm x) (cv k)).
  { clear. induction k as [|y k IH]; cbn [map]; [change (cv []) with (RtoC 0); ring|]. rewrite !cv_cons, mterm_c, IH. ring. }
  rewrite E. ring.
Qed.
Lemma zv_mul l k : allowed l -> allowed k -> cong (zv (mul_l l k)) (zv l * zv k).
Proof.
  intros Hl Hk. unfold mul_l. induction l as [|x l IH]; cbn [flat_map]; [apply cong_refl|]. rewrite zv_app, zv_cons.
  assert (Hl' : allowed l) by (destruct Hl as [Hl|Hl]; [now left|right; now inversion Hl]).
  assert (E : cong (zv (map (mterm x) k)) (zterm x * zv k)).
  { clear IH. assert (Hx : circular = true \/ plain x) by (destruct Hl as [Hl|Hl]; [now left|right; now inversion Hl]). clear Hl Hl'.
    induction k as [|y k IH]; cbn [map]; [apply cong_eq; change (zv []) with 0%Z; ring|]. rewrite !zv_cons.
    assert (Hk' : allowed k /\ (circular = true \/ plain y)) by (destruct Hk as [Hk|Hk]; [split; now left|inversion Hk; split; now right]).
    destruct Hk' as [Hk' Hy].
    refine (cong_trans _ _ _ (cong_plus _ _ _ _ (mterm_z x y _) (IH Hk')) (cong_eq _ _ _)); [tauto|ring]. }
  refine (cong_trans _ _ _ (cong_plus _ _ _ _ E (IH Hl')) (cong_eq _ _ _)). ring.
Qed.

(** ** The relation *)
Definition exponential_rep (x : R) (z : Z) : Prop :=
  exists A B, allowed A /\ allowed B /\ Cmult (RtoC x) (cv B) = cv A /\ unit_mod p (zv B) /\ cong (zv A) (zv B * z).
Definition number (n : Z) : list monomial := [((n, 0), (0, 0))%Z].
Lemma allowed_number n : allowed (number n).
Proof. right. repeat constructor. Qed.
Lemma cv_number n : cv (number n) = RtoC (IZR n).
Proof.
  unfold number. rewrite cv_cons. unfold cterm; cbn [fst snd cv fold_right]. change (gz (0, 0)%Z) with (RtoC 0).
  replace (Cdiv (RtoC 0) (RtoC (IZR (Zpos N)))) with (RtoC 0) by (field; apply N_neq0). rewrite cexp_0. change (gz (n, 0)%Z) with (RtoC (IZR n)). ring.
Qed.
Lemma zv_number n : zv (number n) = n.
Proof. unfold number. rewrite zv_cons. unfold zterm; cbn [fst snd zv fold_right]. rewrite !unit_pow_0. ring. Qed.
Lemma exponential_int n : exponential_rep (IZR n) n.
Proof.
  exists (number n), (number 1). repeat split; try apply allowed_number.
  - rewrite !cv_number. ring.
  - rewrite zv_number. apply unit_1.
  - rewrite !zv_number. apply cong_eq. ring.
Qed.
Lemma exponential_plus x y a b : exponential_rep x a -> exponential_rep y b -> exponential_rep (x + y) (a + b).
Proof.
  intros (A & B & HA & HB & E & U & K) (A' & B' & HA' & HB' & E' & U' & K').
  exists (mul_l A B' ++ mul_l A' B), (mul_l B B'). repeat split.
  - apply allowed_app; now apply allowed_mul.
  - now apply allowed_mul.
  - rewrite cv_app, !cv_mul, RtoC_plus, <- E, <- E'. ring.
  - refine (cong_unit _ _ (cong_sym _ _ (zv_mul _ _ HB HB')) _). now apply unit_mul.
  - rewrite zv_app. refine (cong_trans _ _ _ (cong_plus _ _ _ _ (zv_mul _ _ HA HB') (zv_mul _ _ HA' HB)) _).
    refine (cong_trans _ _ _ (cong_plus _ _ _ _ (cong_mult _ _ _ _ K (cong_refl _)) (cong_mult _ _ _ _ K' (cong_refl _))) _).
    refine (cong_trans _ (zv B * zv B' * (a + b)) _ (cong_eq _ _ _) _); [ring|]. apply cong_mult; [apply cong_sym; now apply zv_mul|apply cong_refl].
Qed.
Lemma exponential_times x y a b : exponential_rep x a -> exponential_rep y b -> exponential_rep (x * y) (a * b).
Proof.
  intros (A & B & HA & HB & E & U & K) (A' & B' & HA' & HB' & E' & U' & K').
  exists (mul_l A A'), (mul_l B B'). repeat split; try now apply allowed_mul.
  - rewrite !cv_mul, RtoC_mult, <- E, <- E'. ring.
  - refine (cong_unit _ _ (cong_sym _ _ (zv_mul _ _ HB HB')) _). now apply unit_mul.
  - refine (cong_trans _ _ _ (zv_mul _ _ HA HA') _). refine (cong_trans _ _ _ (cong_mult _ _ _ _ K K') _).
    refine (cong_trans _ (zv B * zv B' * (a * b)) _ (cong_eq _ _ _) _); [ring|]. apply cong_mult; [apply cong_sym; now apply zv_mul|apply cong_refl].
Qed.
Lemma exponential_cong x a b : exponential_rep x a -> cong a b -> exponential_rep x b.
Proof. intros (A & B & HA & HB & E & U & K) H. exists A, B. repeat split; auto. refine (cong_trans _ _ _ K _). apply cong_mult; [apply cong_refl|exact H]. Qed.
Lemma exponential_opp x a : exponential_rep x a -> exponential_rep (- x) (- a).
Proof. intros H. replace (- x)%R with (IZR (-1) * x)%R by ring. replace (- a)%Z with (-1 * a)%Z by ring. apply exponential_times;
  [apply exponential_int|exact H]. Qed.
Lemma exponential_nonzero x a : exponential_rep x a -> unit_mod p a -> x <> 0%R.
Proof.
  intros (A & B & HA & HB & E & U & K) Ua ->. assert (Z0 : cv A = RtoC 0) by (rewrite <- E; ring). apply cv_zero in Z0. rewrite Z0 in K.
  apply (unit_neq0 p (zv B * a) Hp (unit_mul _ _ _ U Ua)). apply cong_sym in K. assert (W := cong_unit _ _ K (unit_mul _ _ _ U Ua)).
  exfalso. exact (unit_neq0 p 0 Hp W eq_refl).
Qed.
Lemma exponential_inverse x a u : exponential_rep x a -> ((a * u) mod p = 1)%Z -> exponential_rep (/ x) u.
Proof.
  intros H Hu. assert (Ua := inverse_unit p a u Hp Hu). assert (Nx := exponential_nonzero x a H Ua). destruct H as (A & B & HA & HB & E & U & K).
  exists B, A. repeat split; auto.
  - rewrite <- E, RtoC_inv by exact Nx. field. intros F. now apply RtoC_inj in F.
  - refine (cong_unit _ _ (cong_sym _ _ K) _). now apply unit_mul.
  - refine (cong_trans _ (zv B * (a * u)) _ _ _); [|refine (cong_trans _ (zv B * a * u) _ (cong_eq _ _ _) _); [ring|apply cong_mult;
    [now apply cong_sym|apply cong_refl]]].
    refine (cong_trans _ (zv B * 1) _ (cong_eq _ _ _) _); [ring|]. apply cong_mult; [apply cong_refl|]. exists (- (a * u / p))%Z.
    rewrite (Z_div_mod_eq_full (a * u) p) at 1. rewrite Hu. ring.
Qed.
Definition exponential_record : residues p.
Proof.
  refine {| rep := exponential_rep |}.
  - apply exponential_int.
  - apply exponential_plus.
  - apply exponential_times.
  - apply exponential_opp.
  - intros x a b q H E. apply (exponential_cong x a b H). now exists q.
  - apply exponential_nonzero.
  - apply exponential_inverse.
Defined.

(** ** T and E *)
Lemma exponential_exp k : exponential_rep (exp (IZR k / IZR (Zpos N))) (unit_pow t t' k).
Proof.
  exists [((1, 0), (k, 0))%Z], (number 1). repeat split.
  - right. repeat constructor.
  - apply allowed_number.
  - rewrite cv_number, cv_cons. unfold cterm; cbn [fst snd cv fold_right]. change (gz (1, 0)%Z) with (RtoC 1). change (gz (k, 0)%Z) with (RtoC (IZR k)).
    rewrite <- RtoC_div by (apply not_0_IZR; lia). unfold cexp, RtoC, Cmult, Cplus; cbn [fst snd]. rewrite cos_0, sin_0. f_equal; ring.
  - rewrite zv_number. apply unit_1.
  - rewrite zv_number, zv_cons. unfold zterm; cbn [fst snd zv fold_right]. rewrite unit_pow_0. apply cong_eq. ring.
Qed.
Lemma cterm_circular c k : cterm (c, (0, k)%Z) = Cmult (gz c) (cos (IZR k / IZR (Zpos N)), sin (IZR k / IZR (Zpos N))).
Proof.
  unfold cterm; cbn [fst snd]. f_equal. replace (Cdiv (gz (0, k)%Z) (RtoC (IZR (Zpos N)))) with (0%R, (IZR k / IZR (Zpos N))%R).
  - unfold cexp; cbn [fst snd]. rewrite exp_0. f_equal; ring.
  - assert (IZR (Zpos N) <> 0%R) by (apply not_0_IZR; lia). unfold gz, Cdiv, Cinv, Cmult, RtoC; cbn [fst snd]. f_equal; field; assumption.
Qed.
Lemma opposite_angle k : (IZR (- k) / IZR (Zpos N) = - (IZR k / IZR (Zpos N)))%R.
Proof. rewrite opp_IZR. unfold Rdiv. ring. Qed.
Lemma exponential_cos k h : circular = true -> cong (2 * h) 1 -> exponential_rep (cos (IZR k / IZR (Zpos N))) ((unit_pow e e' k + unit_pow e e' (- k)) * h).
Proof.
  intros Cc Hh. exists [((1, 0), (0, k))%Z; ((1, 0), (0, - k))%Z], (number 2). repeat split; try (now left).
  - rewrite cv_number, !cv_cons, !cterm_circular, opposite_angle, cos_neg, sin_neg. unfold gz, cv, RtoC, Cmult, Cplus; cbn [fst snd fold_right]. f_equal; ring.
  - rewrite zv_number. destruct Hh as (q & Hh). exists h, q. lia.
  - rewrite zv_number, !zv_cons. unfold zterm; cbn [fst snd zv fold_right]. rewrite unit_pow_0.
    refine (cong_trans _ ((unit_pow e e' k + unit_pow e e' (- k)) * 1) _ (cong_eq _ _ _) _); [ring|].
    refine (cong_trans _ _ _ (cong_mult _ _ _ _ (cong_refl _) (cong_sym _ _ Hh)) (cong_eq _ _ _)). ring.
Qed.
Lemma exponential_sin k h : circular = true -> cong (2 * h) 1 ->
  exponential_rep (sin (IZR k / IZR (Zpos N))) (i0 * (unit_pow e e' (- k) - unit_pow e e' k) * h).
Proof.
  intros Cc Hh. exists [((0, -1), (0, k))%Z; ((0, 1), (0, - k))%Z], (number 2). repeat split; try (now left).
  - rewrite cv_number, !cv_cons, !cterm_circular, opposite_angle, cos_neg, sin_neg. unfold gz, cv, RtoC, Cmult, Cplus; cbn [fst snd fold_right]. f_equal; ring.
  - rewrite zv_number. destruct Hh as (q & Hh). exists h, q. lia.
  - rewrite zv_number, !zv_cons. unfold zterm; cbn [fst snd zv fold_right]. rewrite unit_pow_0.
    refine (cong_trans _ (i0 * (unit_pow e e' (- k) - unit_pow e e' k) * 1) _ (cong_eq _ _ _) _); [ring|].
    refine (cong_trans _ _ _ (cong_mult _ _ _ _ (cong_refl _) (cong_sym _ _ Hh)) (cong_eq _ _ _)). ring.
Qed.
End Exponential.

(** ** Bases, as certificates state them *)
Record bases := {
  b_denominator : positive;     (* N: exponents are k/N *)
  b_real : Z; b_real' : Z;      (* residue of e^(1/N), and its inverse *)
  b_circular : bool;            (* whether sin and cos are admitted: then *)
  b_imaginary : Z; b_imaginary' : Z;  (* residue of e^(i/N), and its inverse *)
  b_root : Z                    (* residue of i *)
}.
Definition bases_ok (p : Z) (b : bases) : bool :=
  (1 <? p)%Z && ((b_real b * b_real' b) mod p =? 1)%Z
  && (negb (b_circular b) || ((b_imaginary b * b_imaginary' b) mod p =? 1)%Z && ((b_root b * b_root b + 1) mod p =? 0)%Z).
Lemma cong_of_mod p x y r : (1 < p)%Z -> (x mod p = r)%Z -> (y mod p = r)%Z -> cong p x y.
Proof. intros Hp Hx Hy. exists (x / p - y / p)%Z. rewrite (Z_div_mod_eq_full x p), (Z_div_mod_eq_full y p) at 1. rewrite Hx, Hy. ring. Qed.
Section Bases.
Variables (p : Z) (b : bases).
Hypothesis H : bases_ok p b = true.
Lemma bases_modulus : (1 < p)%Z.
Proof. unfold bases_ok in H. apply andb_prop in H as [[H1 _]%andb_prop _]. now apply Z.ltb_lt. Qed.
Lemma bases_real : cong p (b_real b * b_real' b) 1.
Proof.
  assert (Hp := bases_modulus). unfold bases_ok in H. apply andb_prop in H as [[_ H2]%andb_prop _]. apply Z.eqb_eq in H2.
  apply (cong_of_mod p _ _ 1); [exact Hp|exact H2|]. apply Z.mod_1_l. lia.
Qed.
Lemma bases_circular : b_circular b = true -> cong p (b_imaginary b * b_imaginary' b) 1 /\ cong p (b_root b * b_root b) (-1).
Proof.
  assert (Hp := bases_modulus). unfold bases_ok in H. apply andb_prop in H as [_ K]. intros C. rewrite C in K. apply andb_prop in K as [K1 K2].
  apply Z.eqb_eq in K1, K2. split; [apply (cong_of_mod p _ _ 1); [exact Hp|exact K1|apply Z.mod_1_l; lia]|].
  apply Z.mod_divide in K2; [|lia]. destruct K2 as (q & K2). exists q. lia.
Qed.
Definition exponential_residues : residues p :=
  exponential_record p (b_denominator b) (b_circular b) (b_real b) (b_real' b) (b_imaginary b) (b_imaginary' b) (b_root b) bases_modulus bases_real
    bases_circular.

(** powers modulo p, by squaring *)
Definition power (u u' k : Z) : Z :=
  match k with Z0 => (1 mod p)%Z | Zpos n => Zpow_mod_pos u n p | Zneg n => Zpow_mod_pos u' n p end.
Lemma npow_pos u n : npow u (Pos.to_nat n) = Z.pow_pos u n.
Proof. rewrite Zpower_pos_nat. induction (Pos.to_nat n) as [|m IH]; [reflexivity|]. cbn [npow]. rewrite IH. reflexivity. Qed.
Lemma cong_mod x : cong p (x mod p) x.
Proof. assert (Hp := bases_modulus). exists (- (x / p))%Z. rewrite (Z_div_mod_eq_full x p) at 2. ring. Qed.
Lemma power_ok u u' k : cong p (power u u' k) (unit_pow u u' k).
Proof.
  assert (Hp := bases_modulus). unfold power, unit_pow. destruct k as [|n|n]; cbn [Z.opp Z.to_nat npow].
  - apply cong_mod.
  - rewrite Zpow_mod_pos_correct by lia. rewrite npow_pos, Z.mul_1_r. apply cong_mod.
  - rewrite Zpow_mod_pos_correct by lia. rewrite npow_pos, Z.mul_1_l. apply cong_mod.
Qed.
Lemma rep_exp k : rep p exponential_residues (exp (IZR k / IZR (Zpos (b_denominator b)))) (power (b_real b) (b_real' b) k).
Proof.
  refine (exponential_cong _ _ _ _ _ _ _ _ _ _ _ (exponential_exp _ _ _ _ _ _ _ _ k) _). apply cong_sym, power_ok.
Qed.
(** what has another residue than 0 is not 0 *)
Lemma rep_zero a : rep p exponential_residues 0 a -> (a mod p = 0)%Z.
Proof.
  assert (Hp := bases_modulus). intros (A & B & _ & _ & E & (k & f & U) & (q & K)).
  assert (Z0 : zv (b_real b) (b_real' b) (b_imaginary b) (b_imaginary' b) (b_root b) A = 0%Z) by (apply (cv_zero (b_denominator b)); rewrite <- E; ring).
  rewrite Z0 in K. apply Z.mod_divide; [lia|]. set (z := zv _ _ _ _ _ B) in *.
  exists (- (f * a) - k * q)%Z. transitivity (a * (1 + f * p) - a * f * p)%Z; [ring|]. rewrite <- U. transitivity (k * (z * a) - a * f * p)%Z; [ring|].
  assert (W : (z * a = - (p * q))%Z) by lia. rewrite W. ring.
Qed.
(** [h] is an inverse of 2 *)
Lemma half_ok h : ((2 * h) mod p = 1)%Z -> cong p (2 * h) 1.
Proof. assert (Hp := bases_modulus). intros Hh. apply (cong_of_mod p _ _ 1); [exact Hp|exact Hh|apply Z.mod_1_l; lia]. Qed.
Lemma rep_cos k h : b_circular b = true -> ((2 * h) mod p = 1)%Z -> rep p exponential_residues (cos (IZR k / IZR (Zpos (b_denominator b))))
  ((power (b_imaginary b) (b_imaginary' b) k + power (b_imaginary b) (b_imaginary' b) (- k)) * h).
Proof.
  intros C Hh. refine (exponential_cong _ _ _ _ _ _ _ _ _ _ _ (exponential_cos _ _ _ _ _ _ _ _ k h C (half_ok h Hh)) _).
  apply cong_mult; [apply cong_plus; apply cong_sym, power_ok|apply cong_refl].
Qed.
Lemma rep_sin k h : b_circular b = true -> ((2 * h) mod p = 1)%Z -> rep p exponential_residues (sin (IZR k / IZR (Zpos (b_denominator b))))
  (b_root b * (power (b_imaginary b) (b_imaginary' b) (- k) - power (b_imaginary b) (b_imaginary' b) k) * h).
Proof.
  intros C Hh. refine (exponential_cong _ _ _ _ _ _ _ _ _ _ _ (exponential_sin _ _ _ _ _ _ _ _ k h C (half_ok h Hh)) _).
  unfold Z.sub. apply cong_mult; [apply cong_mult; [apply cong_refl|]|apply cong_refl]. apply cong_plus; [apply cong_sym, power_ok|].
  destruct (power_ok (b_imaginary b) (b_imaginary' b) k) as (q & Hq). exists q. lia.
Qed.
End Bases.
