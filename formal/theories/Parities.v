(** * Parities that a claim may use: declared facts, and those of the functions taken themselves. *)
From Coq Require Import List ZArith NArith QArith Reals Ascii String Bool Lia Lra.
From Coquelicot Require Import Coquelicot.
From SimCert Require Import Poly Expr.
From SimCert Require Import Syntax Printer Parser Meaning Scalar Proper Assumed Invariance Equivariance Symmetric.
Import ListNotations.
Local Open Scope string_scope.
Local Open Scope list_scope.
Local Open Scope bool_scope.

Definition odd_names : list string := ["tanh"; "sin"; "sinh"; "arctan"; "reciprocal"].
Definition even_names : list string := ["cos"; "cosh"; "gaussian"; "logcosh"].
Definition one_of (l : list string) (n : text) : bool := existsb (fun s => is s n) l.
Definition named_parity (n : text) : list fact :=
  (if one_of odd_names n then [Odd] else []) ++ (if one_of even_names n then [Even] else []).
Definition parities (m : model) (assumptions : list (text * assumption)) (f : text) : list fact :=
  match find f assumptions, find f (m_activations m) with
  | Some Itself, Some (Named n) => named_parity n
  | _, _ => known_of m assumptions f
  end.

Local Open Scope R_scope.
Lemma sinh_odd t : sinh (- t) = - sinh t.
Proof. unfold sinh. rewrite Ropp_involutive. lra. Qed.
Lemma cosh_even t : cosh (- t) = cosh t.
Proof. unfold cosh. rewrite Ropp_involutive. lra. Qed.
Lemma tanh_odd t : tanh (- t) = - tanh t.
Proof. unfold tanh. rewrite sinh_odd, cosh_even. unfold Rdiv. ring. Qed.
Lemma odd_named n g : one_of odd_names n = true -> function_of (Named n) = Some g -> forall t, g (- t) = - g t.
Proof.
  intros H Hg t. apply existsb_exists in H as (s & Hs & E). apply text_eqb_ok in E. subst n. unfold odd_names in Hs. cbn [In] in Hs.
  destruct Hs as [<-|[<-|[<-|[<-|[<-|[]]]]]].
  - assert (E : Some g = Some tanh) by (rewrite <- Hg; reflexivity). injection E as ->. apply tanh_odd.
  - assert (E : Some g = Some sin) by (rewrite <- Hg; reflexivity). injection E as ->. apply sin_neg.
  - assert (E : Some g = Some sinh) by (rewrite <- Hg; reflexivity). injection E as ->. apply sinh_odd.
  - assert (E : Some g = Some atan) by (rewrite <- Hg; reflexivity). injection E as ->. apply atan_opp.
  - assert (E : Some g = Some Rinv) by (rewrite <- Hg; reflexivity). injection E as ->.
    destruct (Req_dec t 0) as [->|D]; [rewrite Ropp_0, Rinv_0; ring|now field].
Qed.
Lemma even_named n g : one_of even_names n = true -> function_of (Named n) = Some g -> forall t, g (- t) = g t.
Proof.
  intros H Hg t. apply existsb_exists in H as (s & Hs & E). apply text_eqb_ok in E. subst n. unfold even_names in Hs. cbn [In] in Hs.
  destruct Hs as [<-|[<-|[<-|[<-|[]]]]].
  - assert (E : Some g = Some cos) by (rewrite <- Hg; reflexivity). injection E as ->. apply cos_neg.
  - assert (E : Some g = Some cosh) by (rewrite <- Hg; reflexivity). injection E as ->. apply cosh_even.
  - assert (E : Some g = Some (fun t => exp (- (t * t)))) by (rewrite <- Hg; reflexivity). injection E as ->. f_equal. ring.
  - assert (E : Some g = Some (fun t => ln (cosh t))) by (rewrite <- Hg; reflexivity). injection E as ->. now rewrite cosh_even.
Qed.
Lemma parities_ok m assumptions sigma : admissible m assumptions sigma -> known_ok (parities m assumptions) sigma.
Proof.
  intros Ha f. assert (G := known_of_ok m assumptions sigma Ha f). unfold parities.
  destruct (find f assumptions) as [[|l]|] eqn:E1; try exact G. destruct (find f (m_activations m)) as [d|] eqn:E2; [|exact G].
  destruct d as [c|c|s t|n]; try exact G. clear G. specialize (Ha f _ (find_in _ _ _ E2)). rewrite E1 in Ha. destruct Ha as (g & Hg & Hs).
  unfold named_parity, has. split; intros H z; rewrite existsb_app in H; apply orb_prop in H as [H|H]; rewrite !Hs.
  - destruct (one_of odd_names n) eqn:E; [|discriminate]. now apply (odd_named n).
  - destruct (one_of even_names n); discriminate.
  - destruct (one_of odd_names n); discriminate.
  - destruct (one_of even_names n) eqn:E; [|discriminate]. now apply (even_named n).
Qed.

(** ** What the checks of Symmetric.v give for any parities *)
Section Group.
Variable m : model.
Variable known : text -> list fact.
Variable gs : list (generator * node_actions).
Variable t0 : tables.
Variable all : list tables.
Hypothesis E0 : check_equivariance m known no_generator [] = Some t0.
Hypothesis Ec : all_checked m known gs = Some all.
Lemma each_checked g : In g (map fst gs) -> exists e t, check_equivariance m known g e = Some t.
Proof.
  intros Hg. assert (Ea := all_checked_ok _ _ _ _ Ec). apply in_map_iff in Hg as ([g' e] & <- & Hin). clear -Ea Hin.
  induction Ea as [|[g1 e1] t l l' Ht Ea IH]; [easy|]. destruct Hin as [[= -> ->]|Hin]; [eauto|auto].
Qed.
Lemma group_symmetry sigma : known_ok known sigma -> forall g, In g (map fst gs) -> symmetry_for m g sigma.
Proof. intros Hk g Hg. destruct (each_checked g Hg) as (e & t & Ht). exact (equivariance_symmetry m known g e t Ht sigma Hk). Qed.
Lemma group_fixed L : check_fixed m all L = true -> fixed_space_is m (map fst gs) L.
Proof.
  intros H. assert (Ea := all_checked_ok _ _ _ _ Ec). apply (check_fixed_sound m L (map fst gs) all); [|exact H]. clear -Ea.
  induction Ea as [|[g e] t l l' Ht Ea IH]; constructor; [|exact IH]. intros. exact (moves_iff_list m known g e t Ht theta theta').
Qed.
Lemma fixed_invariant L sigma : fixed_space_is m (map fst gs) L -> known_ok known sigma -> invariant_for m L sigma.
Proof.
  intros HF Hk theta Hth x Hr k i Hki.
  assert (Hd := equivariance_derive m known no_generator [] t0 E0 sigma theta x Hr k i Hki). split; [exact Hd|].
  set (f := F m sigma x k i) in *. set (grad := fun j => partial f j theta).
  assert (HG : in_subspace L grad).
  { apply HF. intros g Hg. destruct (each_checked g Hg) as (e & t & Ht).
    apply (equivariance_gradient m known g e t Ht f theta); [|exact Hd|now apply HF].
    intros u u' Hu. exact (act_output m known g e t Ht sigma Hk u u' Hu x k i Hki). }
  assert (H0 : in_subspace L (fun _ => 0)).
  { apply HF. intros g Hg. destruct (each_checked g Hg) as (e & t & Ht). rewrite (moves_iff_list m known g e t Ht). intros. unfold entry. ring. }
  intros r Hin. transitivity (row_of r grad); [reflexivity|]. rewrite (HG r Hin), <- (H0 r Hin). unfold row_of.
  transitivity (rsum (fun _ : N * Q => 0) (r_entries r)); [apply rsum_ext; intros; unfold entry; ring|].
  unfold rsum. induction (r_entries r); cbn [map fold_right]; [reflexivity|]. rewrite IHl. ring.
Qed.
Lemma group_invariant L sigma : check_fixed m all L = true -> known_ok known sigma -> invariant_for m L sigma.
Proof. intros H. apply fixed_invariant. now apply group_fixed. Qed.
End Group.
